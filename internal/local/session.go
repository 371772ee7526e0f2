package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/parts"
	"evenkeel/internal/project"
)

// Request says which stack to work on.
type Request struct {
	// Project and Stack are what to deploy, Program is its program.
	Project *project.Project
	Stack   *project.Stack
	Program pulumi.RunFunc
	// Count tells how many resources the program registers with a
	// configuration, for progress; zero when that is unknown.
	Count func(config map[string]string) int
	// Executable is this program's own file, started again as the emulator.
	Executable string
	// Report hears of progress.
	Report *Reporter
}

// dir is where everything of the stack lives.
func (r *Request) dir() string {
	return filepath.Join(r.Project.Root, parts.CacheFolder, "stacks", r.Stack.Name)
}

// session is a stack on a running emulator, ready for the engine.
type session struct {
	req         *Request
	emulator    *emulator.Instance
	started     bool // this command started the emulator
	expected    int  // resources, zero when unknown
	adaptations []Adaptation
	stack       auto.Stack
}

// open finds the parts, starts the emulator unless it runs, adapts the
// configuration and selects the stack. Whatever it started it stops again when
// it fails.
func open(ctx context.Context, req *Request) (_ *session, err error) {
	set, err := parts.Find(ctx, parts.Options{Root: req.Project.Root, Progress: req.Report})
	if err != nil {
		return nil, err
	}
	s := &session{req: req}
	if err := s.start(ctx, set); err != nil {
		return nil, req.blame(err)
	}
	defer func() {
		if err != nil {
			err = req.blame(errors.Join(err, s.closeIfStarted()))
		}
	}()
	if err := s.forgetOldState(); err != nil {
		return nil, err
	}
	around := surroundings{awsx: set.AWSX.Found}
	if needsCertificate(req.Stack.Config, req.Project.Name) {
		if around.certificateARN, err = s.certificate(ctx); err != nil {
			return nil, err
		}
	}
	config, adaptations, err := adapt(req.Stack.Config, req.Project.Name, req.Stack.Encrypted, around)
	if err != nil {
		return nil, err
	}
	s.adaptations = append(sorted(adaptations), limits...)
	s.expected = req.Count(config)
	if err := s.writeWork(config); err != nil {
		return nil, err
	}
	return s, s.selectStack(ctx, set)
}

func (s *session) start(ctx context.Context, set *parts.Set) error {
	running, err := emulator.Find(s.req.dir())
	var newer *emulator.NewerError
	if errors.As(err, &newer) {
		return err
	}
	if err == nil && running != nil {
		if err := s.req.unlock(ctx); err != nil {
			return err
		}
		why := s.req.unclean(running)
		if had, want := running.Parts, inWords(set); why == "" && had != want {
			why = fmt.Sprintf("the stack was deployed by %s, and what is here now is %s", had, want)
		}
		if why == "" {
			s.emulator = running
			return nil
		}
		s.req.Report.Note(why + ": starting from nothing, with a new emulator")
		if err := running.Stop(ctx); err != nil {
			return err
		}
		if err := os.RemoveAll(s.req.stateDir()); err != nil {
			return unusable(s.req.stateDir(), err)
		}
	}
	s.req.Report.Step("starting the AWS emulator")
	s.emulator, err = emulator.Start(ctx, emulator.Options{
		Executable: s.req.Executable, Dir: s.req.dir(), Stack: s.req.Stack.Name,
		MotoCommand: set.Moto.Command, Parts: inWords(set), AccountID: account(s.req.Stack.Config, s.req.Project.Name),
	})
	if err != nil {
		return err
	}
	s.started = true
	s.req.Report.Done("", "it answers at "+s.emulator.URL)
	return nil
}

// inWords names the parts that an emulated stack is bound to: the emulator's
// memory is moto's own, and the official AWS plugin cannot go on with a state
// that the bridge wrote, nor the bridge with its. Another version of the plugin
// is the engine's business, as it is on AWS.
func inWords(set *parts.Set) string {
	return fmt.Sprintf("%s %s and the AWS plugin's %s", set.Moto.Name, set.Moto.Version, set.AWSPlugin.Detail)
}

// closeIfStarted stops the emulator that this command started. The state goes
// with it, because it describes what was in the emulator's memory.
func (s *session) closeIfStarted() error {
	if !s.started {
		return nil
	}
	// The command's own context may be what ended it.
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := s.emulator.Stop(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(s.req.stateDir()); err != nil {
		return unusable(s.req.stateDir(), err)
	}
	return nil
}

// stateDir is the engine's backend, workDir the project that it runs.
func (r *Request) stateDir() string { return filepath.Join(r.dir(), "state") }
func (r *Request) workDir() string  { return filepath.Join(r.dir(), "work") }

// belongsTo names the file that says which emulator the state describes.
const belongsTo = "emulator-id"

// forgetOldState discards a state that describes another emulator's memory.
func (s *session) forgetOldState() error {
	dir := s.req.stateDir()
	id, err := os.ReadFile(filepath.Join(dir, belongsTo))
	if err == nil && string(id) == s.emulator.ID {
		return nil
	}
	if err == nil {
		s.req.Report.Note("the emulator of the last deployment is gone, and what it held with it: starting from nothing")
	}
	if err = os.RemoveAll(dir); err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, belongsTo), []byte(s.emulator.ID), 0o600)
	}
	if err != nil {
		return unusable(dir, err)
	}
	return nil
}

// writeWork writes the project that the engine runs: the user's Pulumi.yaml
// and the adapted configuration. The user's own files stay untouched, also by
// the engine, which adds its encryption salt to the configuration.
func (s *session) writeWork(config map[string]string) error {
	dir := s.req.workDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("prepare the project: %w", err)
	}
	raw, err := os.ReadFile(filepath.Join(s.req.Project.Root, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("prepare the project: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), raw, 0o600); err != nil {
		return fmt.Errorf("prepare the project: %w", err)
	}
	file := filepath.Join(dir, s.req.Stack.File)
	doc := map[string]any{}
	if old, err := os.ReadFile(file); err == nil {
		if err := yaml.Unmarshal(old, &doc); err != nil {
			doc = map[string]any{} // broken by an interrupted write: made anew
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("prepare the project: %w", err)
	}
	doc["config"] = tree(config)
	if raw, err = yaml.Marshal(doc); err != nil {
		return fmt.Errorf("prepare the project: %w", err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return fmt.Errorf("prepare the project: %w", err)
	}
	return nil
}

// tree turns values as a program gets them back into what YAML holds.
func tree(config map[string]string) map[string]any {
	out := map[string]any{}
	for key, raw := range config {
		var v any
		if err := json.Unmarshal([]byte(raw), &v); err == nil {
			switch v.(type) {
			case map[string]any, []any:
				out[key] = v
				continue
			}
		}
		out[key] = raw
	}
	return out
}

// pulumiHome makes the engine's home in the stack's folder, where its logs go
// with the stack. The plugins in it are those of the cache, which is only read
// and may thus be a read-only one that several projects share.
func (s *session) pulumiHome(set *parts.Set) (string, error) {
	home := filepath.Join(s.req.dir(), "pulumi-home")
	plugins, link := filepath.Join(parts.Env(set)["PULUMI_HOME"], "plugins"), filepath.Join(home, "plugins")
	if to, err := os.Readlink(link); err == nil && to == plugins {
		return home, nil
	}
	err := os.RemoveAll(link)
	if err == nil {
		err = os.MkdirAll(home, 0o700)
	}
	if err == nil {
		err = os.Symlink(plugins, link)
	}
	if err != nil {
		return "", unusable(home, err)
	}
	return home, nil
}

// socketPath is how long the path of a socket may be: 103 bytes on macOS, 107 on
// Linux (sun_path in unix(4) and unix(7), less the NUL). A provider's socket is
// "/plugin" and up to 10 digits.
const socketPath = 103 - len("/plugin0123456789")

// temporary gives the engine a folder for temporary files that goes with the
// stack: a killed provider leaves its socket. Where that folder's path is too
// long for sockets, the system's own is used.
func (s *session) temporary(env map[string]string) error {
	dir := filepath.Join(s.req.dir(), "tmp")
	if len(dir) > socketPath {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unusable(dir, err)
	}
	env["TMPDIR"] = dir
	return nil
}

func (s *session) selectStack(ctx context.Context, set *parts.Set) error {
	command, err := set.PulumiCommand()
	if err != nil {
		return fmt.Errorf("start the Pulumi CLI: %w", err)
	}
	env := parts.Env(set)
	// Without files for metadata: they are emptied before they are written, and the
	// program, which reads the last outputs while the engine saves, would now and then
	// fail on an empty one ("failed to load checkpoint: EOF").
	env["PULUMI_BACKEND_URL"] = "file://" + s.req.stateDir() + "?metadata=skip"
	env["PULUMI_CONFIG_PASSPHRASE"] = "local"
	env["AWS_ENDPOINT_URL"] = s.emulator.URL
	if env["PULUMI_HOME"], err = s.pulumiHome(set); err != nil {
		return err
	}
	if err := s.temporary(env); err != nil {
		return err
	}
	ws, err := auto.NewLocalWorkspace(ctx, auto.WorkDir(s.req.workDir()), auto.Program(s.req.Program),
		auto.PulumiHome(env["PULUMI_HOME"]), auto.Pulumi(command), auto.EnvVars(env))
	if err != nil {
		return fmt.Errorf("open the project: %w", err)
	}
	s.stack, err = auto.UpsertStack(ctx, s.req.Stack.Name, ws)
	if err != nil {
		return fmt.Errorf("open the stack %q: %w", s.req.Stack.Name, err)
	}
	return nil
}
