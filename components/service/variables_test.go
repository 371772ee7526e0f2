package service_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/service"
)

func TestLooksSecret(t *testing.T) {
	secret := []string{
		"PASSWORD", "DB_PASSWORD", "PASSWORD_HASH", "dbPassword", "PGPASSWORD", "MYSQL_PWD", "SMTP_PASS", "SSH_PASSPHRASE",
		"SECRET", "CLIENT_SECRET", "clientSecret", "SECRET_KEY_BASE", "SESSION_SECRETS",
		"TOKEN", "GITHUB_TOKEN", "authToken", "TOKEN_A", "AUTH_TOKENS",
		"API_KEY", "STRIPE_API_KEY", "APIKey", "APIKEY", "API_KEYS", "JWTKey", "SSHKeys", "PRIVATE_KEY", "PRIVATE_KEY_PEM", "SIGNING_KEY", "ACCESS_KEY",
		"CREDENTIAL", "GCP_CREDENTIALS", "CREDENTIALS_JSON",
		"DATABASE_URL", "DB_URL", "READ_REPLICA_DATABASE_URL", "REDIS_URL", "MONGO_URI", "databaseUrl",
		"DSN", "SENTRY_DSN", "CONNECTION_STRING", "DB_CONN_STR", "SQL_CONNECTION_STRING",
	}
	plain := []string{
		"LOG_LEVEL", "PORT", "KEYBOARD", "KEY", "CACHE_KEY", "PARTITION_KEY", "PUBLIC_KEY", "PUBLIC_KEY_URL", "NEXT_PUBLIC_API_KEY",
		"STRIPE_PUBLISHABLE_TOKEN", "SECRET_NAME", "SECRET_ARN", "DB_SECRET_ARN", "secretArn", "SECRET_ID", "PASSWORD_FILE",
		"CREDENTIALS_PATH", "TOKEN_TTL", "TOKEN_TTL_SECONDS", "TOKEN_URL", "TOKEN_ISSUER", "API_KEY_HEADER", "ACCESS_KEY_ID",
		"PASSWORD_MIN_LENGTH", "PASSWORD_POLICY", "SECRET_ROTATION_DAYS", "MAX_TOKENS", "MAX_TOKENS_TOTAL", "TOKENS_PER_REQUEST",
		"TOKENIZER", "SECRETARY", "PASSENGER", "BYPASS", "COMPASS", "PASS", "PWD", "OLDPWD", "BASE_URL", "PUBLIC_DATABASE_URL",
		"DATABASE_NAME", "DATABASE_HOST", "URL", "STRING", "CONN_POOL", "AUTHOR", "", "_",
	}
	for _, name := range secret {
		assert.True(t, service.LooksSecret(name), "%q holds a secret", name)
	}
	for _, name := range plain {
		assert.False(t, service.LooksSecret(name), "%q holds none", name)
	}
}

func TestCheckVariable(t *testing.T) {
	for _, name := range []string{"A", "_", "_x9", "LOG_LEVEL", "logLevel", "AWSOME", "AWS", "EXECS_X", "aws_region"} {
		assert.NoError(t, service.CheckVariable(name), "%q", name)
	}
	const pattern = `is no name of a variable, want letters, digits and "_" that do not start with a digit`
	for _, name := range []string{"", "9A", "A-B", "A B", "A=B", "Ä", "A\n", "A.B"} {
		assert.EqualError(t, service.CheckVariable(name), pattern, "%q", name)
	}
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "ECS_CONTAINER_METADATA_URI_V4"} {
		assert.ErrorContains(t, service.CheckVariable(name), "starts with "+name[:4], "%q", name)
	}
}
