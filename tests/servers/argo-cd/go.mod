// Argo CD's CustomResourceDefinitions are taken out of this module; build.sh copies them.
module gitopsc.dev/tests/servers/argo-cd

go 1.26.0

require github.com/argoproj/argo-cd/v3 v3.5.7
