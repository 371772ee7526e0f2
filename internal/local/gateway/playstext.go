package gateway

// playsText says what is played, for docs/emulator.md.
const playsText = `## Deployments are played

Moto runs nothing: its tasks never start, its deployments never end. The gateway
plays what ECS and CodeDeploy do then, by the clock, after AWS's documented
rules and what others have published of its answers, so that a release can be followed from beginning to end. How the
deployments of an image go is its play: ` + "`evenkeel local play --image DIGEST --outcome O`" + `,
or ` + "`PUT /_evenkeel/plays`" + `. It holds for deployments that start afterwards.

| Outcome | Rolling deployment | CodeDeploy deployment |
|---|---|---|
| healthy | every task starts, passes its checks and stays | goes through every phase |
| crash | each task exits with 1 once it runs; the circuit breaker opens | fails after 60 minutes without a steady task set |
| unhealthy | each task fails the load balancer's health checks and is stopped; the circuit breaker opens | as crash |
| alarm | healthy; the first rollback alarm goes to ALARM while it is watched | the first alarm rings once traffic has moved |
| stuck | tasks stay pending for ever; the deployment stays in progress | as crash |

A step takes 300 ms (` + "`--step`" + `). A task takes a step from one status to the next,
PROVISIONING, PENDING, RUNNING, healthy; stopping takes one. What AWS counts in
minutes takes a step a minute: waits, intervals of a shift, CodeDeploy's 60
minutes for a task set. A rolling deployment is complete when all of its tasks,
and no others, have been healthy for 3 steps; until then its alarms are watched,
where ECS computes a bake time from the alarms' periods.

Played, and so shown by the operations below:

- deployments with counts, rolloutState and its reason, events, task sets, tasks
  with stop code, reason and exit code, targets with their health;
- minimum and maximum percent, the circuit breaker's threshold (half the desired
  count, 3 to 200), rollback to the last completed deployment, alarms that are
  ignored when they ring already; an alarm that a caller sets is heeded too;
- CodeDeploy's phases, its two target groups, production and test listener (moto's
  listeners really change), canary and linear shifts, the wait for
  ContinueDeployment, the wait before the old tasks end, alarms, stops, and
  rollbacks as deployments of their own.

What is made up: the pace; addresses of tasks; that a rollback, and whatever an
image has completed once in that service, is healthy; the reason's text when an
alarm fails a rolling deployment; the error code when a wait for
ContinueDeployment or for a task set runs out; that an alarm which a play set
off ends with the rollback, or with the next deployment that completes. Not
played: container health checks as such, draining and start times, lifecycle
hooks, daemons, services without a task definition or of an external controller,
Service Connect, EventBridge events, metrics. No request reaches any
task, so a smoke test needs a server of its own.

### What the play was held to

Nobody of this project has run a deployment on AWS. What others have published of
its answers is in ` + "`internal/release/testdata/aws`" + `, each file with its sources and
with what in it is not theirs. Tests replay these answers from an endpoint of their
own to the SDK's clients, and hold ` + "`evenkeel release`" + ` to the verdict and the cause;
and they hold the play to the same fields, kinds of values, statuses and texts.

| Published | By | What that is |
|---|---|---|
| a rolling deployment that completes; one that the circuit breaker fails and rolls back | users, AWS's CLI | deployments with their states and reasons, events |
| a rolling deployment that an alarm rolls back | a user | the events only, and of ECS's own canary; no rolloutStateReason |
| a linear shift by CodeDeploy from created to succeeded; one that an alarm stops while traffic moves, one before; their rollbacks | a user, AWS's tutorial | selected fields of one run in 2026; one whole target of 2018 |
| tasks that stopped: exit code, out of memory, image, secret, load balancer's checks | users | reasons and some codes; no whole answer of a task that could not start |
| that GetDeployment leaves out the AppSpec | AWS's documentation | documentation |

The files are adapted and no byte-for-byte recordings: names, ids, times and counts
are put in. From documentation alone, and played so: the wait in Ready and
ContinueDeployment, a stop on request and its error, CodeDeploy's 60 minutes, the
statuses of a target, the way back of CodeDeploy in its phases, minimum and maximum
percent. Two things that were published are not played: a failed deployment can for a
while still be in progress beside the way back (which the replay has), and one user saw
it DRAINING at last.

An image is scanned when its repository scans on push. The scan is complete at
once, and finds what the manifest's annotation ` + "`" + FindingsAnnotation + "`" + ` lists
(` + "`evenkeel local push --finding CRITICAL`" + `), nothing without it.
`
