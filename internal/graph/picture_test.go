package graph_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/awalterschulze/gographviz"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/graph"
)

// The types that the pictures below are made of.
const (
	vpc        = "awsx:ec2:Vpc"
	listener   = "aws:lb/listener:Listener"
	targets    = "aws:lb/targetGroup:TargetGroup"
	ecsService = "aws:ecs/service:Service"
	taskType   = "aws:ecs/taskDefinition:TaskDefinition"
	repository = "aws:ecr/repository:Repository"
	secret     = "aws:secretsmanager/secret:Secret"
	topic      = "aws:sns/topic:Topic"
	alarm      = "aws:cloudwatch/metricAlarm:MetricAlarm"
	policy     = "aws:iam/rolePolicy:RolePolicy"
)

// sketch builds graphs: a component for each first word, then its resources.
type sketch struct{ graph.Graph }

func (s *sketch) component(name string) string {
	c := graph.Resource{Type: "evenkeel:components:Any", Name: name}
	s.Resources = append(s.Resources, c)
	return c.Ref()
}

func (s *sketch) add(component, token, role string, inputs map[string]any, from ...string) string {
	_, name, _ := strings.Cut(component, "::")
	r := graph.Resource{
		Type: token, Name: name + "-" + role, Parent: component, Provider: "pulumi:providers:aws::aws", Inputs: inputs,
	}
	if len(from) > 0 {
		r.InputsFrom = map[string][]string{"any": from}
	}
	s.Resources = append(s.Resources, r)
	return r.Ref()
}

func svgOf(t *testing.T, g *graph.Graph) string {
	t.Helper()
	var out, again bytes.Buffer
	require.NoError(t, g.WriteSVG(&out))
	require.NoError(t, g.WriteSVG(&again))
	require.Equal(t, out.String(), again.String(), "the same graph gives the same picture")
	return out.String()
}

// services is a network with n services behind one load balancer, each with an
// image and secrets, and alarms on all of them.
func services(n int) *graph.Graph {
	s := &sketch{graph.Graph{Stack: "many"}}
	network := s.add(s.component("network"), vpc, "vpc", map[string]any{"cidrBlock": "10.0.0.0/16"})
	ingress := s.component("ingress")
	s.add(ingress, listener, "https", map[string]any{"protocol": "HTTPS", "port": 443.0}, network)
	notifications := s.component("notifications")
	page := s.add(notifications, topic, "page", nil)
	objectives := s.component("objectives")
	shared := s.add(s.component("secrets"), secret, "shared", nil)
	for i := range n {
		name := fmt.Sprintf("service%02d", i)
		group := s.add(ingress, targets, name, map[string]any{"protocol": "HTTP", "port": 8080.0}, network)
		image := s.add(s.component("registry-"+name), repository, "repository", nil)
		c := s.component(name)
		s.add(c, taskType, "task", nil, image, shared)
		service := s.add(c, ecsService, "service", nil, group, network)
		s.add(objectives, alarm, name, nil, service, page)
	}
	return &s.Graph
}

func unusual() map[string]*graph.Graph {
	out := map[string]*graph.Graph{
		"one service": services(1), "three services": services(3), "twenty services": services(20),
		"nothing": {Stack: "empty"},
	}

	s := &sketch{graph.Graph{Stack: "unknown"}}
	a, b, c := s.component("alpha"), s.component("beta"), s.component("gamma")
	first := s.add(a, "aws:new/thing:Thing", "one", nil)
	second := s.add(b, "aws:new/thing:Thing", "two", nil, first)
	third := s.add(c, "aws:new/other:Other", "three", nil, second)
	s.Resources[len(s.Resources)-4].InputsFrom = map[string][]string{"x": {third}}
	s.component("delta")
	out["circle of unknown types, empty component"] = &s.Graph

	s = &sketch{graph.Graph{Stack: strings.Repeat("long-stack-name-", 12)}}
	a, b = s.component(strings.Repeat("wide", 30)), s.component("other")
	target := s.add(a, topic, strings.Repeat("w", 200), nil)
	s.add(b, "aws:new/thing:"+strings.Repeat("Thing", 20), "MMMM", nil, target)
	s.add(b, repository, "<&\">", map[string]any{"name": "<tag> & \"quote\""})
	out["long and strange names"] = &s.Graph

	s = &sketch{graph.Graph{Stack: "policies"}}
	a, b = s.component("alpha"), s.component("beta")
	key := s.add(a, "aws:kms/alias:Alias", "alias", nil)
	s.add(b, policy, "policy", nil, key)
	out["only folded resources refer to each other"] = &s.Graph
	return out
}

func TestUnusualPicturesAreReadable(t *testing.T) {
	for name, g := range unusual() {
		t.Run(name, func(t *testing.T) {
			svg := svgOf(t, g)
			if len(g.Resources) > 0 {
				checkGeometry(t, svg)
			}
		})
	}
}

func TestPicturesOfTheCommittedStacksAreReadable(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		raw, err := os.ReadFile("../../docs/pictures/" + stack + ".svg")
		require.NoError(t, err)
		checkGeometry(t, string(raw))
		d := readPicture(t, string(raw))
		assert.NotNil(t, d.frame)
		assert.GreaterOrEqual(t, len(d.cards), 6, "five components and the users")
		assert.GreaterOrEqual(t, len(d.flows), 4)
		assert.LessOrEqual(t, d.canvas.right, 1300.0, "a page scales it down to its own width, about 1000")
	}
}

func TestPictureFollowsTheRequests(t *testing.T) {
	d := readPicture(t, svgOf(t, services(2)))
	left := func(name string) float64 {
		for ref, c := range d.cards {
			if ref == name || strings.HasSuffix(ref, "::"+name) {
				return c.left
			}
		}
		t.Fatalf("%s is not drawn", name)
		return 0
	}
	assert.Less(t, left("users"), left("ingress"))
	assert.Less(t, left("ingress"), left("service00"))
	assert.Less(t, left("service00"), left("secrets"))
	assert.Less(t, left("service00"), left("registry-service00"))
	inside := map[string]bool{}
	for ref, c := range d.cards {
		inside[ref[strings.LastIndex(ref, ":")+1:]] = d.frame.holds(c)
	}
	assert.Equal(t, map[string]bool{
		"users": false, "ingress": true, "service00": true, "service01": true, "secrets": false, "objectives": false,
		"registry-service00": false, "registry-service01": false, "notifications": false,
	}, inside, "inside the network is what refers to it")
}

func TestPictureShowsWhatItDoesNotKnow(t *testing.T) {
	s := &sketch{graph.Graph{Stack: "dev"}}
	c := s.component("alpha")
	s.add(c, "aws:new/thing:Thing", "one", nil)
	for i := range 6 {
		s.add(c, alarm, strconv.Itoa(i), nil)
	}
	s.add(c, policy, "a", nil)
	s.add(c, policy, "b", nil)
	svg := svgOf(t, &s.Graph)
	assert.Contains(t, svg, ">new.Thing</text>")
	assert.Contains(t, svg, ">one</text>", "and its role")
	assert.Contains(t, svg, ">Metric alarms</text>", "many of one type are one row")
	assert.Contains(t, svg, ">6 of them</text>")
	assert.Contains(t, svg, ">+ 2 permissions</text>")
}

func TestPictureNeverShowsReferencesOrSecrets(t *testing.T) {
	s := &sketch{graph.Graph{Stack: "dev"}}
	s.add(s.component("alpha"), repository, "r", map[string]any{"name": "${aws:x/y:Z::z.name}"})
	s.add(s.component("beta"), "aws:cloudwatch/logGroup:LogGroup", "l", map[string]any{"name": "[secret]"})
	svg := svgOf(t, &s.Graph)
	assert.NotContains(t, svg, "${")
	assert.NotContains(t, svg, "[secret]")
}

// TestContrast holds the colors to the Web Content Accessibility Guidelines
// 2.2, 1.4.3 for text and 1.4.11 for lines: https://www.w3.org/TR/WCAG22/
func TestContrast(t *testing.T) {
	for _, c := range graph.Contrasts() {
		want := 3.0
		if c.Text {
			want = 4.5
		}
		a, b := luminance(t, c.Above), luminance(t, c.Below)
		assert.GreaterOrEqual(t, (max(a, b)+0.05)/(min(a, b)+0.05), want, c.Name)
	}
}

func luminance(t *testing.T, color string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestFitText(t *testing.T) {
	assert.Equal(t, "short", graph.FitText("short", 100, 12, false))
	got := graph.FitText(strings.Repeat("wide ", 20), 100, 12, false)
	assert.True(t, strings.HasSuffix(got, "…") && strings.HasPrefix(got, "wide"), got)
	assert.LessOrEqual(t, graph.TextWidth(got, 12, false), 100)
	assert.Greater(t, graph.TextWidth("WWW", 12, false), graph.TextWidth("iii", 12, false))
	assert.Greater(t, graph.TextWidth("text", 12, true), graph.TextWidth("text", 12, false))
	assert.Empty(t, graph.FitText("no room", 3, 12, false))
}

func TestDOTParses(t *testing.T) {
	pictures := unusual()
	s := services(2)
	pictures["two services"] = s
	for name, g := range pictures {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, g.WriteDOT(&out))
			parsed, err := gographviz.Read(out.Bytes())
			require.NoError(t, err, out.String())
			for _, e := range parsed.Edges.Edges {
				assert.True(t, parsed.IsNode(e.Src) && parsed.IsNode(e.Dst), "%s -> %s", e.Src, e.Dst)
				require.Contains(t, parsed.Relations.ChildToParents, e.Dst)
			}
			components := 0
			for _, r := range g.Resources {
				if r.Provider == "" {
					components++
				}
			}
			assert.Len(t, parsed.SubGraphs.SubGraphs, components, "a cluster a component")
		})
	}
	var out bytes.Buffer
	require.NoError(t, s.WriteDOT(&out))
	parsed, err := gographviz.Read(out.Bytes())
	require.NoError(t, err)
	surrounding := parsed.Relations.ChildToParents[`"cluster_evenkeel:components:Any::ingress"`]
	assert.Equal(t, map[string]bool{`"cluster_evenkeel:components:Any::network"`: true}, surrounding)
}
