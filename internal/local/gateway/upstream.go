package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"evenkeel/internal/local/gateway/play"
)

// upstream asks moto on the gateway's own behalf, for what AWS does by itself.
// Nobody called AWS for it, so none of it is recorded.
type upstream struct {
	url    *url.URL
	client *http.Client
}

func newUpstream(u *url.URL) *upstream {
	return &upstream{u, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}}
}

// refused is an error that moto answered with.
type refused struct {
	code, message string
}

func (r *refused) Error() string { return r.code + ": " + r.message }

func (u *upstream) send(region, service, content string, header http.Header, body []byte) ([]byte, error) {
	r, err := http.NewRequest(http.MethodPost, u.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		r.Header[k] = v
	}
	r.Header.Set("Content-Type", content)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=evenkeel/20000101/"+region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := u.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	out, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, &refused{errorCode(answer.Header, out), string(out[:min(len(out), 300)])}
	}
	return out, nil
}

// json calls an operation of a JSON service, target being the value of
// X-Amz-Target.
func (u *upstream) json(region, service, target string, in object) (object, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	answer, err := u.send(region, service, "application/x-amz-json-1.1", http.Header{"X-Amz-Target": {target}}, body)
	if err != nil {
		return nil, err
	}
	v, err := decodeJSON(answer)
	if err != nil {
		return nil, err
	}
	out, ok := v.(object)
	if !ok {
		return nil, errors.New(target + ": moto's answer is no object")
	}
	return out, nil
}

func (u *upstream) query(region, service, version, action string, in url.Values) (*element, error) {
	in.Set("Action", action)
	in.Set("Version", version)
	answer, err := u.send(region, service, "application/x-www-form-urlencoded; charset=utf-8", nil, []byte(in.Encode()))
	if err != nil {
		return nil, err
	}
	return parseXML(answer)
}

func (u *upstream) ecs(region, action string, in object) (object, error) {
	return u.json(region, "ecs", "AmazonEC2ContainerServiceV20141113."+action, in)
}

func (u *upstream) ecr(region, action string, in object) (object, error) {
	return u.json(region, "ecr", "AmazonEC2ContainerRegistry_V20150921."+action, in)
}

const (
	balancingVersion  = "2015-12-01"
	cloudwatchVersion = "2010-08-01"
)

// inactive is AWS's text about a task definition that was deregistered.
const inactive = "TaskDefinition is inactive"

// definition describes a task definition as it is played. An error of moto is a
// *refused.
func (u *upstream) definition(region, name string) (*play.Definition, error) {
	out, err := u.ecs(region, "DescribeTaskDefinition", object{"taskDefinition": name})
	if err != nil {
		return nil, err
	}
	found := child(out, "taskDefinition")
	if status := text(found, "status"); status == "INACTIVE" {
		return nil, &refused{"ClientException", inactive}
	}
	d := &play.Definition{ARN: text(found, "taskDefinitionArn"), CPU: text(found, "cpu"), Memory: text(found, "memory")}
	for _, c := range objects(found, "containerDefinitions") {
		d.Containers = append(d.Containers, play.Container{Name: text(c, "name"), Image: text(c, "image")})
	}
	return d, nil
}

// Alarming implements play.Effects.
func (u *upstream) Alarming(region string, names []string) ([]string, error) {
	in := url.Values{"StateValue": {"ALARM"}}
	for i, name := range names {
		in.Set("AlarmNames.member."+strconv.Itoa(i+1), name)
	}
	out, err := u.query(region, "monitoring", cloudwatchVersion, "DescribeAlarms", in)
	if err != nil {
		return nil, err
	}
	// Moto keeps composite alarms as metric ones.
	var ringing []string
	if alarms := out.find("MetricAlarms"); alarms != nil {
		for _, a := range alarms.Children {
			for _, name := range names {
				if a.text("AlarmName") == name && a.text("StateValue") == "ALARM" {
					ringing = append(ringing, name)
				}
			}
		}
	}
	return ringing, nil
}

// SetAlarm implements play.Effects.
func (u *upstream) SetAlarm(region, name, state, reason string) error {
	_, err := u.query(region, "monitoring", cloudwatchVersion, "SetAlarmState", url.Values{
		"AlarmName": {name}, "StateValue": {state}, "StateReason": {reason},
	})
	return err
}

// Forward implements play.Effects.
func (u *upstream) Forward(region, listener string, weights []play.Weight) error {
	in := url.Values{"ListenerArn": {listener}, "DefaultActions.member.1.Type": {"forward"}}
	for i, w := range weights {
		at := "DefaultActions.member.1.ForwardConfig.TargetGroups.member." + strconv.Itoa(i+1)
		in.Set(at+".TargetGroupArn", w.TargetGroup)
		in.Set(at+".Weight", strconv.Itoa(w.Percent))
	}
	if _, err := u.query(region, "elasticloadbalancing", balancingVersion, "ModifyListener", in); err != nil {
		return fmt.Errorf("listener %s: %w", listener, err)
	}
	return nil
}

// targetGroup finds a target group's ARN by its name.
func (u *upstream) targetGroup(region, name string) (string, error) {
	out, err := u.query(region, "elasticloadbalancing", balancingVersion, "DescribeTargetGroups", url.Values{"Names.member.1": {name}})
	if err != nil {
		return "", err
	}
	if found := out.find("TargetGroupArn"); found != nil {
		return found.Text, nil
	}
	return "", &refused{"TargetGroupNotFound", "no target group " + name}
}
