package service

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// CheckVariable reports whether a container may have an environment variable
// called name, plain or secret.
func CheckVariable(name string) error {
	if !variablePattern.MatchString(name) {
		return errors.New(`is no name of a variable, want letters, digits and "_" that do not start with a digit`)
	}
	for _, prefix := range []string{"AWS_", "ECS_"} {
		if strings.HasPrefix(name, prefix) {
			return fmt.Errorf("starts with %s, want another name: ECS sets such variables itself, "+
				"and one more could replace the task's region or credentials", prefix)
		}
	}
	return nil
}

// Words that make a name look like a secret's, alone or at the end of a longer
// word ("PGPASSWORD").
var secretWords = []string{
	"PASSWORD", "PASSWORDS", "PASSWD", "PASSPHRASE", "SECRET", "SECRETS", "TOKEN", "TOKENS",
	"CREDENTIAL", "CREDENTIALS", "APIKEY", "APIKEYS", "PRIVATEKEY", "SECRETKEY", "ACCESSKEY",
}

// Short words that only count when they stand alone, and not as the whole name
// (PWD is the working directory).
var secretShortWords = []string{"PWD", "PASS"}

// Kinds of keys that are secret. A PUBLIC_KEY is not, nor is a PARTITION_KEY.
var secretKeys = []string{
	"API", "PRIVATE", "ACCESS", "SECRET", "SIGNING", "ENCRYPTION", "MASTER", "HMAC", "JWT", "AUTH", "SSH",
}

// Systems whose connection strings usually carry a password.
var secretSystems = []string{
	"DATABASE", "DB", "POSTGRES", "POSTGRESQL", "PG", "MYSQL", "MARIADB", "MONGO", "MONGODB", "REDIS", "VALKEY",
	"AMQP", "RABBITMQ", "CLICKHOUSE", "SQL",
}

// Last words that say the value is about a secret, or where it is, and not the
// secret: SECRET_ARN, TOKEN_TTL, PASSWORD_MIN_LENGTH.
var referenceWords = []string{
	"ARN", "NAME", "ID", "PATH", "FILE", "DIR", "URL", "URI", "ENDPOINT", "HOST", "PORT", "HEADER", "FIELD", "PREFIX",
	"TTL", "AGE", "TIMEOUT", "EXPIRY", "EXPIRATION", "LIFETIME", "DURATION", "INTERVAL", "SECONDS", "MINUTES", "HOURS", "DAYS",
	"LENGTH", "SIZE", "COUNT", "LIMIT", "MIN", "MAX", "BUDGET", "ENABLED", "DISABLED", "REQUIRED", "POLICY", "ROTATION",
	"TYPE", "ALGORITHM", "ISSUER", "AUDIENCE", "REGION", "VERSION", "SCOPE",
}

// Words that make a whole name harmless: what is public is no secret, and
// MAX_TOKENS counts something.
var harmlessWords = []string{"PUBLIC", "PUBLISHABLE", "MAX", "MIN", "PER", "NUM"}

// LooksSecret reports whether a variable of this name probably holds a secret:
// a password, a token, a credential, a private key, or a connection string,
// which usually contains a password. Names that only refer to a secret
// (SECRET_ARN, PASSWORD_FILE) or describe one (TOKEN_TTL) do not count. It
// goes by the name alone.
func LooksSecret(name string) bool {
	words := splitWords(name)
	if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(harmlessWords, w) }) {
		return false
	}
	if connectionString(words) {
		return true
	}
	if slices.Contains(referenceWords, words[len(words)-1]) {
		return false
	}
	for i, w := range words {
		switch {
		case slices.ContainsFunc(secretWords, func(s string) bool { return strings.HasSuffix(w, s) }):
			return true
		case len(words) > 1 && slices.Contains(secretShortWords, w):
			return true
		case i > 0 && (w == "KEY" || w == "KEYS") && slices.Contains(secretKeys, words[i-1]):
			return true
		}
	}
	return false
}

func connectionString(words []string) bool {
	last := words[len(words)-1]
	if last == "DSN" || strings.HasPrefix(last, "CONNECTIONSTR") {
		return true
	}
	if len(words) < 2 {
		return false
	}
	before := words[len(words)-2]
	switch last {
	case "URL", "URI":
		return slices.Contains(secretSystems, before)
	case "STRING", "STR":
		return before == "CONNECTION" || before == "CONN"
	}
	return false
}

// splitWords splits "DB_PASSWORD", "dbPassword" and "APIKey" into upper-case
// words.
func splitWords(name string) []string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			afterLower := !unicode.IsUpper(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return r == '_' })
}
