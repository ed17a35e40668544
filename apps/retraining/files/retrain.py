"""Retraining in five steps: load, train, validate, register, deploy.

    retrain.py all | load | train | validate | register | deploy

One process takes them all (the CronJob), or each is a pod of its own (the pipeline): a step finds what the one before
it left in MLflow, in the run whose id it gets as RUN_ID. For the next step it writes files into OUTPUT: `run` (the
run's id) and `better` (whether the model beats the one in use). A model that does not is kept as a run and goes no
further; that is no failure. Everything that changes comes from the environment.
"""

import json
import os
import ssl
import sys
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
DATA = "data/data.csv"
MODEL_TAG = "retraining.model"


def setting(name: str) -> str:
    return os.environ[name]


def output(name: str, text: str) -> None:
    Path(setting("OUTPUT"), name).write_text(text, encoding="utf-8")


def run() -> Run:
    return mlflow.MlflowClient().get_run(setting("RUN_ID"))


def parts() -> list:
    """The data of the run, to train with and to validate with: the same division in each step."""
    path = mlflow.artifacts.download_artifacts(run_id=setting("RUN_ID"), artifact_path=DATA)
    data = pd.read_csv(path)
    features, labels = data.drop(columns=[setting("DATA_TARGET")]), data[setting("DATA_TARGET")]
    return train_test_split(features, labels, test_size=0.25, random_state=0, stratify=labels)


def load() -> None:
    source = setting("DATA_SOURCE")
    data = pd.read_csv(source) if source else load_iris(as_frame=True).frame
    mlflow.set_experiment(setting("EXPERIMENT"))
    with mlflow.start_run() as started:
        mlflow.log_params({"source": source or "scikit-learn iris", "rows": len(data)})
        mlflow.log_text(data.to_csv(index=False), DATA)
    os.environ["RUN_ID"] = started.info.run_id
    output("run", started.info.run_id)
    print(f"load: {len(data)} rows, run {started.info.run_id}")


def train() -> None:
    features, _, labels, _ = parts()
    strength = float(setting("INVERSE_REGULARIZATION"))
    # No forest of trees: MLflow keeps models as skops, which trusts those only where every reader says so too.
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000)).fit(features, labels)
    with mlflow.start_run(run_id=setting("RUN_ID")):
        mlflow.log_param("inverse_regularization", strength)
        # Named requirements: finding them out by itself would import everything a second time.
        logged = mlflow.sklearn.log_model(model, name="model", pip_requirements=["mlflow", "scikit-learn", "pandas"])
        mlflow.set_tag(MODEL_TAG, logged.model_uri)
    print(f"train: {len(features)} rows, {logged.model_uri}")


def validate() -> bool:
    _, features, _, labels = parts()
    predicted = mlflow.sklearn.load_model(run().data.tags[MODEL_TAG]).predict(features)
    accuracy = float(accuracy_score(labels, predicted))
    with mlflow.start_run(run_id=setting("RUN_ID")):
        mlflow.log_metrics({"accuracy": accuracy, "f1_macro": float(f1_score(labels, predicted, average="macro"))})
    if accuracy < float(setting("MINIMUM_ACCURACY")):
        raise SystemExit(f"validate: accuracy {accuracy:.4f} is below {setting('MINIMUM_ACCURACY')}")
    in_use = accuracy_in_use()
    better = in_use is None or accuracy > in_use
    output("better", str(better).lower())
    print(f"validate: accuracy {accuracy:.4f}, in use {in_use}: {'better' if better else 'nothing to deploy'}")
    return better


def accuracy_in_use() -> float | None:
    """Accuracy of the version that carries the alias, or None where there is none yet."""
    client = mlflow.MlflowClient()
    try:
        version = client.get_model_version_by_alias(setting("MODEL_NAME"), setting("MODEL_ALIAS"))
    except MlflowException as error:
        # A model without the alias is an invalid parameter, one that does not exist is not found.
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
    return client.get_run(version.run_id).data.metrics.get("accuracy")


def register() -> None:
    name, alias = setting("MODEL_NAME"), setting("MODEL_ALIAS")
    version = mlflow.register_model(run().data.tags[MODEL_TAG], name).version
    mlflow.MlflowClient().set_registered_model_alias(name, alias, version)
    print(f"register: {name} version {version} is now {alias}")


def deploy() -> None:
    """Lets the Deployment's pods start anew, one by one; they load the version that carries the alias."""
    if not setting("DEPLOYMENT"):
        print("deploy: nothing named")
        return
    target = f"namespaces/{setting('DEPLOYMENT_NAMESPACE')}/deployments/{setting('DEPLOYMENT')}"
    name, alias = setting("MODEL_NAME"), setting("MODEL_ALIAS")
    version = mlflow.MlflowClient().get_model_version_by_alias(name, alias).version
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    annotations = {"mlops/model": f"{name}-{version}", "mlops/deployed-at": now}
    request = urllib.request.Request(
        "https://{}:{}/apis/apps/v1/{}?fieldManager=retraining".format(
            setting("KUBERNETES_SERVICE_HOST"), setting("KUBERNETES_SERVICE_PORT"), target
        ),
        data=json.dumps({"spec": {"template": {"metadata": {"annotations": annotations}}}}).encode(),
        headers={
            "Authorization": f"Bearer {(SERVICE_ACCOUNT / 'token').read_text(encoding='utf-8')}",
            "Content-Type": "application/strategic-merge-patch+json",
        },
        method="PATCH",
    )
    context = ssl.create_default_context(cafile=str(SERVICE_ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(request, context=context, timeout=30) as answer:
        print(f"deploy: {target} takes version {version} ({answer.status})")


def everything() -> None:
    load()
    train()
    if validate():
        register()
        deploy()


STEPS = {"all": everything, "load": load, "train": train, "validate": validate, "register": register, "deploy": deploy}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in STEPS:
        raise SystemExit(f"usage: retrain.py {' | '.join(STEPS)}")
    STEPS[sys.argv[1]]()
