# MLflow's file store makes the experiment 0 only together with its directory, and a mounted directory is
# there already: without this, the first run that names no experiment is refused.
set -eu
if [ ! -e "$STORE/0" ]; then
  mkdir -p "$STORE/0"
  now="$(date +%s)000"
  cat > "$STORE/0/meta.yaml" <<META
artifact_location: mlflow-artifacts:/0
creation_time: $now
experiment_id: '0'
last_update_time: $now
lifecycle_stage: active
name: Default
META
fi
