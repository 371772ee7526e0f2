// Package ecs asks ECS what the process is part of.
package ecs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Task is the ECS task that the process runs in.
type Task struct {
	// ID is the last part of the task's ARN.
	ID string
	// Definition is the task definition as "family:revision".
	Definition string
	// Zone is the availability zone.
	Zone string
}

const (
	patience  = 2 * time.Second
	maxAnswer = 1 << 20
)

// Ask asks the task metadata endpoint, version 4, for at most two seconds.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
func Ask(ctx context.Context, uri string) (Task, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(uri, "/")+"/task", nil)
	if err != nil {
		return Task{}, fmt.Errorf("ask ECS for the task: %w", err)
	}
	// The endpoint is on the machine itself: never through a proxy.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return Task{}, fmt.Errorf("ask ECS for the task: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return Task{}, fmt.Errorf("ask ECS for the task: status %s", res.Status)
	}
	var answer struct{ TaskARN, Family, Revision, AvailabilityZone string }
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&answer); err != nil {
		return Task{}, fmt.Errorf("read what ECS says of the task: %w", err)
	}
	if answer.TaskARN == "" {
		return Task{}, errors.New("read what ECS says of the task: it has no ARN")
	}
	t := Task{ID: answer.TaskARN[strings.LastIndexByte(answer.TaskARN, '/')+1:], Zone: answer.AvailabilityZone}
	if answer.Family != "" {
		t.Definition = answer.Family + ":" + answer.Revision
	}
	return t, nil
}
