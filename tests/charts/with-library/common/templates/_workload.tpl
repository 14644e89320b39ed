{{- define "common.deployment" -}}
{{- $own := .own | default dict -}}
{{- $base := dict "apiVersion" "apps/v1" "kind" "Deployment" -}}
{{- $meta := dict "metadata" (dict "name" .name) -}}
{{- $labels := dict "app" .name -}}
{{- $containers := list (dict "name" .name "image" .image) -}}
{{- $pod := dict "metadata" (dict "labels" $labels) "spec" (dict "containers" $containers) -}}
{{- $spec := dict "spec" (dict "replicas" 1 "selector" (dict "matchLabels" $labels) "template" $pod) -}}
{{- mustMergeOverwrite $base $meta $spec $own | toYaml -}}
{{- end -}}
