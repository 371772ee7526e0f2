package gateway

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	timeReason  = "moto gives times as text, where AWS and its SDKs want epoch seconds"
	ownedReason = "moto cannot delete or update it and drops alarmConfiguration; moto keeps a copy for its deployments only"
)

var codedeployCompletions = slices.Concat([]Completion{
	ofCodedeploy("CreateApplication", Completes, ownedReason, nil, createApplication),
	ofCodedeploy("GetApplication", Answers, ownedReason, getApplication, nil),
	ofCodedeploy("BatchGetApplications", Answers, ownedReason, batchGetApplications, nil),
	ofCodedeploy("ListApplications", Answers, ownedReason, listApplications, nil),
	ofCodedeploy("DeleteApplication", Answers, ownedReason, deleteApplication, nil),
	ofCodedeploy("CreateDeploymentGroup", Completes, ownedReason, nil, createGroup),
	ofCodedeploy("GetDeploymentGroup", Answers, ownedReason, getGroup, nil),
	ofCodedeploy("ListDeploymentGroups", Answers, ownedReason, listGroups, nil),
	ofCodedeploy("UpdateDeploymentGroup", Answers, ownedReason, updateGroup, nil),
	ofCodedeploy("DeleteDeploymentGroup", Answers, ownedReason, deleteGroup, nil),
	ofCodedeploy("CreateDeploymentConfig", Answers, "moto lacks deployment configurations", createConfig, nil),
	ofCodedeploy("GetDeploymentConfig", Answers, "moto lacks deployment configurations; of AWS's predefined ones those for ECS are known, others refused", getConfig, nil),
	ofCodedeploy("ListDeploymentConfigs", Answers, "moto lacks deployment configurations; AWS's predefined ones are not listed", listConfigs, nil),
	ofCodedeploy("DeleteDeploymentConfig", Answers, "moto lacks deployment configurations", deleteConfig, nil),
}, deploymentCompletions, tagging{
	service: "codedeploy", reason: "moto keeps the tags of an application that was deleted",
	arn: "ResourceArn", tags: "Tags", keys: "TagKeys", asList: true, missing: "ResourceNotFoundException",
	book: func(m *memory) *tagBook { return m.codedeploy.tags },
}.completions())

func ofCodedeploy(
	action string, kind Kind, reason string, answer func(*memory, *exchange) *reply, after func(*memory, *exchange, *reply),
) Completion {
	return Completion{Service: "codedeploy", Action: action, Kind: kind, Reason: reason, answer: answer, after: after}
}

// codedeployMemory is by ARN, which is made of the names.
type codedeployMemory struct {
	applications, groups, configs map[string]object
	tags                          *tagBook
}

func newCodedeployMemory() *codedeployMemory {
	return &codedeployMemory{map[string]object{}, map[string]object{}, map[string]object{}, newTagBook()}
}

func codedeployARN(m *memory, e *exchange, kind, name string) string {
	return "arn:aws:codedeploy:" + e.operation.region + ":" + m.account + ":" + kind + ":" + name
}

func applicationARN(m *memory, e *exchange, name string) string {
	return codedeployARN(m, e, "application", name)
}

func epochNow() json.Number {
	return json.Number(strconv.FormatFloat(float64(time.Now().UnixMilli())/1000, 'f', 3, 64))
}

func applicationMissing(name string) *reply {
	return jsonFailure("ApplicationDoesNotExistException", "No application found for name: %s", name)
}

// createdAnyway turns moto's refusal to make what it still has, though it was
// deleted here, into the success that AWS would answer.
func createdAnyway(r *reply, exists string, id object) bool {
	if r.status == http.StatusOK {
		return true
	}
	if errorCode(r.header, r.body) != exists {
		return false
	}
	*r = *jsonReply(id)
	return true
}

func createApplication(m *memory, e *exchange, r *reply) {
	in := e.input()
	name := text(in, "applicationName")
	arn := applicationARN(m, e, name)
	if _, ok := m.codedeploy.applications[arn]; ok {
		return
	}
	id := uuid.NewString()
	if !createdAnyway(r, "ApplicationAlreadyExistsException", object{"applicationId": id}) {
		return
	}
	*r = *jsonReply(object{"applicationId": id})
	platform := text(in, "computePlatform")
	if platform == "" {
		platform = "Server"
	}
	m.codedeploy.applications[arn] = object{
		"applicationId": id, "applicationName": name, "computePlatform": platform, "createTime": epochNow(), "linkedToGitHub": false,
	}
	m.codedeploy.tags.replace(arn, in["tags"])
}

func getApplication(m *memory, e *exchange) *reply {
	name := text(e.input(), "applicationName")
	application, ok := m.codedeploy.applications[applicationARN(m, e, name)]
	if !ok {
		return applicationMissing(name)
	}
	return jsonReply(object{"application": application})
}

func batchGetApplications(m *memory, e *exchange) *reply {
	found := []object{}
	for _, name := range texts(e.input(), "applicationNames") {
		application, ok := m.codedeploy.applications[applicationARN(m, e, name)]
		if !ok {
			return applicationMissing(name)
		}
		found = append(found, application)
	}
	return jsonReply(object{"applicationsInfo": found})
}

func listApplications(m *memory, e *exchange) *reply {
	return jsonReply(object{"applications": namesBelow(m.codedeploy.applications, applicationARN(m, e, ""))})
}

func deleteApplication(m *memory, e *exchange) *reply {
	name := text(e.input(), "applicationName")
	arn := applicationARN(m, e, name)
	delete(m.codedeploy.applications, arn)
	m.codedeploy.tags.remove(arn)
	for group := range m.codedeploy.groups {
		if strings.HasPrefix(group, groupARN(m, e, name, "")) {
			delete(m.codedeploy.groups, group)
			m.codedeploy.tags.remove(group)
		}
	}
	return jsonReply(object{})
}

// namesBelow lists what follows the prefix in the keys that have it.
func namesBelow(all map[string]object, prefix string) []string {
	names := []string{}
	for key := range all {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// numberTimes turns moto's ISO times into epoch seconds, at any depth.
func numberTimes(_ *memory, _ *exchange, out object) { numberTimesIn(out) }

func numberTimesIn(v any) {
	switch v := v.(type) {
	case []any:
		for _, c := range v {
			numberTimesIn(c)
		}
	case object:
		for k, c := range v {
			if s, ok := c.(string); ok && strings.HasSuffix(k, "Time") {
				if t, err := time.Parse(time.RFC3339, s); err == nil {
					v[k] = json.Number(strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64))
				}
				continue
			}
			numberTimesIn(c)
		}
	}
}
