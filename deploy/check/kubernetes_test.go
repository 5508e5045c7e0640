package check

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// kinds has an empty object of each kind that the manifests may use.
var kinds = map[string]func() any{
	"apps/v1 Deployment":                      func() any { return &apps.Deployment{} },
	"autoscaling/v2 HorizontalPodAutoscaler":  func() any { return &autoscaling.HorizontalPodAutoscaler{} },
	"batch/v1 Job":                            func() any { return &batch.Job{} },
	"monitoring.coreos.com/v1 PrometheusRule": func() any { return &monitoring.PrometheusRule{} },
	"monitoring.coreos.com/v1 ServiceMonitor": func() any { return &monitoring.ServiceMonitor{} },
	"networking.k8s.io/v1 NetworkPolicy":      func() any { return &networking.NetworkPolicy{} },
	"policy/v1 PodDisruptionBudget":           func() any { return &policy.PodDisruptionBudget{} },
	"v1 ConfigMap":                            func() any { return &core.ConfigMap{} },
	"v1 Service":                              func() any { return &core.Service{} },
	"v1 ServiceAccount":                       func() any { return &core.ServiceAccount{} },
}

// decode returns the objects of a stream of YAML documents. It refuses fields that their
// kind does not have.
func decode(stream []byte) (objects []any, err error) {
	for text := range bytes.SplitSeq(stream, []byte("\n---\n")) {
		var head meta.TypeMeta
		if err := yaml.Unmarshal(text, &head); err != nil {
			return nil, err
		}
		kind := head.APIVersion + " " + head.Kind
		empty, ok := kinds[kind]
		if !ok {
			return nil, fmt.Errorf("unknown kind %q", kind)
		}
		object := empty()
		if err := yaml.UnmarshalStrict(text, object); err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// render returns the objects of a kustomization, a folder below deploy/kubernetes.
func render(t *testing.T, folder string) []any {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join("../kubernetes", folder))
	if err != nil {
		t.Fatal(err)
	}
	text, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	objects, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// pods returns the pod templates in objects, by the name of the object that creates the
// pods.
func pods(objects []any) map[string]core.PodTemplateSpec {
	found := map[string]core.PodTemplateSpec{}
	for _, object := range objects {
		switch o := object.(type) {
		case *apps.Deployment:
			found[o.Name] = o.Spec.Template
		case *batch.Job:
			found[o.Name] = o.Spec.Template
		}
	}
	return found
}

// TestPods: every pod meets the restricted standard of Kubernetes, requests resources, and
// writes nothing to its image.
func TestPods(t *testing.T) {
	for _, folder := range []string{"migrate", "example"} {
		for name, pod := range pods(render(t, folder)) {
			for _, fault := range podFaults(pod.Spec) {
				t.Errorf("%s: %s: %s", folder, name, fault)
			}
		}
	}
}

// podFaults returns what a pod lacks.
func podFaults(pod core.PodSpec) (faults []string) {
	require := func(ok bool, fault string) {
		if !ok {
			faults = append(faults, fault)
		}
	}
	set := func(b *bool, want bool) bool { return b != nil && *b == want }
	require(set(pod.AutomountServiceAccountToken, false), "has a token for Kubernetes")
	security := pod.SecurityContext
	require(security != nil && set(security.RunAsNonRoot, true), "may run as root")
	require(security != nil && security.SeccompProfile != nil && security.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault, "has no seccomp profile")
	for _, container := range pod.Containers {
		security := container.SecurityContext
		require(security != nil && set(security.AllowPrivilegeEscalation, false), "may gain privileges")
		require(security != nil && set(security.ReadOnlyRootFilesystem, true), "may write to its image")
		require(security != nil && security.Capabilities != nil && slices.Equal(security.Capabilities.Drop, []core.Capability{"ALL"}), "keeps capabilities")
		require(!container.Resources.Requests.Cpu().IsZero() && !container.Resources.Requests.Memory().IsZero(), "requests no CPU or memory")
		require(!container.Resources.Limits.Memory().IsZero(), "has no limit of memory")
		require(strings.Contains(container.Image, ":"), "has an image without a tag")
		for _, variable := range container.Env {
			secret := strings.HasSuffix(variable.Name, "_URL") || strings.HasSuffix(variable.Name, "_KEY") || strings.Contains(variable.Name, "PASSWORD")
			require(!secret || variable.ValueFrom != nil && variable.ValueFrom.SecretKeyRef != nil, variable.Name+" is not by reference to a Secret")
		}
	}
	return faults
}

// TestPodFaults: a pod without settings fails each rule.
func TestPodFaults(t *testing.T) {
	bare := core.PodSpec{Containers: []core.Container{{Image: "accord", Env: []core.EnvVar{{Name: "ACCORD_DATABASE_URL", Value: "postgres://…"}}}}}
	if got := podFaults(bare); len(got) != 10 {
		t.Errorf("%d faults, want 10: %q", len(got), got)
	}
}

// TestSelectors: each selector in the example selects some pods.
func TestSelectors(t *testing.T) {
	objects := render(t, "example")
	selectors := map[string]map[string]string{}
	for _, object := range objects {
		switch o := object.(type) {
		case *apps.Deployment:
			selectors["Deployment "+o.Name] = o.Spec.Selector.MatchLabels
		case *core.Service:
			selectors["Service "+o.Name] = o.Spec.Selector
		case *policy.PodDisruptionBudget:
			selectors["PodDisruptionBudget "+o.Name] = o.Spec.Selector.MatchLabels
		case *networking.NetworkPolicy:
			selectors["NetworkPolicy "+o.Name] = o.Spec.PodSelector.MatchLabels
		}
	}
	templates := pods(objects)
	for name, selector := range selectors {
		_, pod, _ := strings.Cut(name, " ")
		if len(selector) == 0 {
			t.Errorf("%s selects every pod of its namespace", name)
		}
		for key, value := range selector {
			if templates[pod].Labels[key] != value {
				t.Errorf("%s selects %s=%s, and the pods of %s have %q", name, key, value, pod, templates[pod].Labels)
			}
		}
	}
}

// TestServiceMonitor: Prometheus scrapes a port that the service has, and the service has
// the labels that it is found by.
func TestServiceMonitor(t *testing.T) {
	objects := render(t, "example")
	var service *core.Service
	var monitor *monitoring.ServiceMonitor
	for _, object := range objects {
		switch o := object.(type) {
		case *core.Service:
			if o.Name == "accord" {
				service = o
			}
		case *monitoring.ServiceMonitor:
			monitor = o
		}
	}
	for key, value := range monitor.Spec.Selector.MatchLabels {
		if service.Labels[key] != value {
			t.Errorf("the service has no label %s=%s", key, value)
		}
	}
	if !slices.ContainsFunc(service.Spec.Ports, func(p core.ServicePort) bool { return p.Name == monitor.Spec.Endpoints[0].Port }) {
		t.Errorf("the service has no port %s", monitor.Spec.Endpoints[0].Port)
	}
	if got := service.Labels[monitor.Spec.JobLabel]; got != "accord" {
		t.Errorf("the job of what is scraped is %q, and alerts read accord", got)
	}
}

// TestDecode: a field that a kind does not have and a kind that is not listed are refused.
func TestDecode(t *testing.T) {
	for name, text := range map[string]string{
		"unknown field": "apiVersion: v1\nkind: Service\nspec: {port: 1}\n",
		"wrong type":    "apiVersion: v1\nkind: Service\nspec: {ports: 1}\n",
		"unknown kind":  "apiVersion: v1\nkind: Pod\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decode([]byte(text)); err == nil {
				t.Error("it was accepted")
			}
		})
	}
}
