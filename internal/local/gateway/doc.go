// Package gateway stands between AWS clients and a stock moto server on the
// loopback interface. It names and records every call, completes what moto
// forgets or lacks, and refuses at once what neither of them knows.
//
// Where the gateway answers, it proves that a request was sent and is well
// formed, and nothing about AWS. Table lists every such answer.
//
// State lives in memory and ends with the gateway, as moto's does.
package gateway
