// Says whether the way through /api to the back end is open.
const out = document.getElementById("backend");
fetch("/api/health")
  .then((r) => { out.textContent = r.ok ? "answers" : `answers with ${r.status}`; })
  .catch(() => { out.textContent = "does not answer"; });
