package parts

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// terraformProviderVariable tells the bridge which Terraform provider to run.
const terraformProviderVariable = "EVENKEEL_TERRAFORM_PROVIDER_AWS"

// basics are the variables any program may need to run, to reach the network
// and to find temporary space. Everything else stays out of child processes.
var basics = regexp.MustCompile(`^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|TMPDIR|TMP|TEMP` +
	`|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|SSL_CERT_FILE|SSL_CERT_DIR|XDG_[A-Z_]+` +
	`|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|HOMEDRIVE|HOMEPATH|PROGRAMDATA|PROGRAMFILES)$`)

// What some programs need beyond the basics. GOOS and GOARCH are left out on
// purpose: the parts run on this machine.
var (
	goVariables        = regexp.MustCompile(`^(GO(FLAGS|PATH|CACHE|MODCACHE|TMPDIR|PROXY|SUMDB|PRIVATE|NOPROXY|NOSUMDB|INSECURE|VCS|AUTH|TOOLCHAIN|ROOT|EXPERIMENT|MAXPROCS|ENV)|GO111MODULE|CGO_[A-Z_]+|CC|CXX)$`)
	terraformVariables = regexp.MustCompile(`^(TF_CLI_CONFIG_FILE|TERRAFORM_CONFIG|TF_PLUGIN_CACHE_DIR)$`)
	pythonVariables    = regexp.MustCompile(`^(PIP_[A-Z_]+|PYENV_ROOT|PYENV_VERSION|REQUESTS_CA_BUNDLE|ASDF_[A-Z_]+)$`)
	dockerVariables    = regexp.MustCompile(`^DOCKER_[A-Z_]+$`)
)

// childEnviron is the environment of a child process: the basics, what also
// matches, and the extra "KEY=value" entries.
func childEnviron(also *regexp.Regexp, extra ...string) []string {
	var env []string
	for _, kv := range os.Environ() {
		key, _, _ := strings.Cut(kv, "=")
		key = strings.ToUpper(key)
		if basics.MatchString(key) || (also != nil && also.MatchString(key)) {
			env = append(env, kv)
		}
	}
	return append(env, extra...)
}

// Env is the environment of the engine: its own Pulumi home, nothing from
// the network, and AWS credentials that are worth nothing. The caller adds
// the backend (PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE) and the endpoint
// (AWS_ENDPOINT_URL) of its stack.
func Env(s *Set) map[string]string {
	none := filepath.Join(s.Cache, "no-aws-profile")
	env := map[string]string{
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_IGNORE_AMBIENT_PLUGINS":               "true",
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		// The engine asks the provider about one resource after the other unless
		// told otherwise, which for a thousand of them is most of a preview.
		"PULUMI_PARALLEL_DIFF": "true",

		"PULUMI_HOME":                 filepath.Join(s.Cache, "pulumi-home"),
		"AWS_ACCESS_KEY_ID":           "local",
		"AWS_SECRET_ACCESS_KEY":       "local",
		"AWS_CONFIG_FILE":             none,
		"AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_EC2_METADATA_DISABLED":   "true",
	}
	if os.Getenv("GOGC") == "" {
		// A fifth less work for a fifth more memory: what the engine and the
		// providers hold is large and stays, and each collection walks it again.
		env["GOGC"] = "200"
	}
	if s.TerraformProvider.Found {
		env[terraformProviderVariable] = s.TerraformProvider.Path
	}
	return env
}

// ScrubEnviron removes the user's AWS_* and PULUMI_* variables from this
// process. Call it once, before the Automation API is used: its inline
// programs run in this process, and read PULUMI_* variables here. The
// variables of the user's shell are not touched. It returns the names it
// removed.
func ScrubEnviron() []string {
	var removed []string
	for _, kv := range os.Environ() {
		key, _, _ := strings.Cut(kv, "=")
		upper := strings.ToUpper(key)
		if strings.HasPrefix(upper, "AWS_") || strings.HasPrefix(upper, "PULUMI_") {
			_ = os.Unsetenv(key)
			removed = append(removed, key)
		}
	}
	return removed
}
