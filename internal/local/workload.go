package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"evenkeel/internal/local/workload"
)

// API is the stack's API as a process on this machine.
type API struct {
	// Running says whether the process runs; URL is where it answers and PID
	// its id, empty and 0 when it does not run.
	Running bool   `json:"running"`
	URL     string `json:"url"`
	PID     int    `json:"pid"`
	// Health is the URL of its health check, empty when it does not run.
	Health string `json:"health,omitempty"`
	// Log is the file of its output, empty when no API was ever started.
	Log string `json:"log"`
	// Since is when it was started, Ended how it ended.
	Since string `json:"since,omitempty"`
	Ended string `json:"ended,omitempty"`
	// TaskDefinition is the ARN of the one that its environment is from.
	TaskDefinition string `json:"taskDefinition,omitempty"`
	// Unset are secret variables that it runs without. Up only.
	Unset []workload.Unset `json:"unset,omitempty"`
	// Notes are what else to know. Up only.
	Notes []string `json:"notes,omitempty"`
}

// lookAtAPI reports on the API that was started last.
func (r *Request) lookAtAPI() (*API, error) {
	i, err := workload.Find(r.dir())
	if err != nil {
		return nil, err
	}
	return describeAPI(i), nil
}

func describeAPI(i *workload.Instance) *API {
	if i == nil {
		return &API{}
	}
	out := &API{Log: i.LogPath(), Since: i.Started.UTC().Format(time.RFC3339), TaskDefinition: i.TaskDefinition, Ended: i.Ended}
	if i.Running() {
		out.Running, out.URL, out.PID, out.Health = true, i.URL, i.API.PID, i.URL+i.HealthPath
	} else if out.Ended == "" {
		out.Ended = "killed, with the process that kept it"
	}
	return out
}

// stopAPI stops the API, if one runs. What cannot be read of it cannot be
// stopped either, and must not keep a stack from being taken down.
func (r *Request) stopAPI(ctx context.Context) error {
	i, err := workload.Find(r.dir())
	if err != nil {
		r.Report.Note(err.Error() + ": if an API of this stack still runs, stop it by hand")
		return nil //nolint:nilerr // said, and all that can be done
	}
	if i == nil || !i.Running() && !i.Keeper.Alive() {
		return nil
	}
	return i.Stop(ctx)
}

// runAPI builds the package and starts it in place of what ran before.
func (s *session) runAPI(ctx context.Context, p *workload.Package, result *Result) error {
	fail := func(err error) error {
		switch {
		case errors.Is(context.Cause(ctx), errEmulatorGone):
			return s.explain(ctx, "run the API of", err, "")
		case ctx.Err() != nil:
			err = fmt.Errorf("run the API %s: interrupted", p.Name)
		}
		return fmt.Errorf("%w\nthe emulated stack %s itself is up; `evenkeel local up --stack %[2]s --with-api` tries again", err, s.req.Stack.Name)
	}
	begin := time.Now()
	s.req.Report.Step("building the API, " + p.Name)
	program, err := workload.Build(ctx, p, s.req.dir())
	if err != nil {
		return fail(err)
	}
	s.req.Report.Done("", "built")
	result.timing("build the API", begin)

	begin = time.Now()
	s.req.Report.Step("starting the API")
	result.API, err = s.startAPI(ctx, p, program, result)
	if err != nil {
		return fail(err)
	}
	s.req.Report.Done("", "it answers at "+result.API.URL)
	result.timing("start the API", begin)
	return nil
}

func (s *session) startAPI(ctx context.Context, p *workload.Package, program string, result *Result) (*API, error) {
	cluster, _ := result.Outputs["clusterName"].(string)
	service, _ := result.Outputs["serviceName"].(string)
	if cluster == "" || service == "" {
		return nil, errors.New("start the API: the stack has no outputs clusterName and serviceName, which tell what to run")
	}
	definition, err := workload.Describe(ctx, s.awsConfig(), cluster, service)
	if err != nil {
		return nil, fmt.Errorf("start the API: %w", err)
	}
	secrets, unset, err := workload.ReadSecrets(ctx, s.awsConfig(), definition)
	if err != nil {
		return nil, fmt.Errorf("start the API: %w", err)
	}
	if err := s.req.stopAPI(ctx); err != nil {
		return nil, err
	}
	port, why, err := workload.ChoosePort(definition.Port)
	if err != nil {
		return nil, err
	}
	i, err := workload.Start(ctx, workload.Options{
		Executable: s.req.Executable, Dir: s.req.dir(), Package: p, Program: program, Definition: definition,
		Environ: workload.Environ(definition, workload.Surroundings{
			Lookup: os.LookupEnv, Secrets: secrets, AWS: s.apiEnv(), Port: port,
		}),
		Port: port, Emulator: s.emulator.Gateway,
	})
	if err != nil {
		return nil, err
	}
	out := describeAPI(i)
	out.Unset = unset
	if why != "" {
		out.Notes = append(out.Notes, why+", so it listens on another one")
	}
	return out, nil
}

// apiEnv points the API's AWS clients at the emulator, and away from whatever
// AWS account the user has.
func (s *session) apiEnv() Env {
	env := ClientEnv(s.req, &Status{Endpoint: s.emulator.URL})
	none := filepath.Join(s.req.dir(), "no-aws-profile")
	env["AWS_CONFIG_FILE"], env["AWS_SHARED_CREDENTIALS_FILE"] = none, none
	env["AWS_EC2_METADATA_DISABLED"] = "true"
	return env
}

// keepAPI reports on an API that a deployment left running.
func (s *session) keepAPI(result *Result) error {
	api, err := s.req.lookAtAPI()
	if err != nil || !api.Running {
		return err
	}
	note := "it runs on, as it was started"
	if api.TaskDefinition != result.Outputs["taskDefinitionArn"] {
		note = fmt.Sprintf("it still runs with the environment of an earlier deployment; `evenkeel local up --stack %s --with-api` starts it anew", s.req.Stack.Name)
	}
	api.Notes = append(api.Notes, note)
	result.API = api
	return nil
}
