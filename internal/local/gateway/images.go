package gateway

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	digestReason = "moto makes the digest from the layers, AWS from the manifest; moto takes an immutable tag for the image that has it"
	scanReason   = "moto scans nothing on push; a scan finds what the manifest's annotation " + FindingsAnnotation + " lists, nothing without it"
)

// FindingsAnnotation is the annotation of an image's manifest that declares what
// a scan of it finds: severities, separated by commas, such as "CRITICAL,HIGH".
const FindingsAnnotation = "dev.evenkeel.findings"

var imageCompletions = []Completion{
	{Service: "ecr", Action: "PutImage", Kind: Completes, Reason: digestReason + "; " + scanReason, before: nameImage, answer: mismatched, after: putImage},
	{Service: "ecr", Action: "StartImageScan", Kind: Completes, Reason: scanReason, after: onSuccess(startScan)},
	{Service: "ecr", Action: "DescribeImages", Kind: Completes, Reason: scanReason, after: onSuccess(describeImages)},
	{Service: "ecr", Action: "DescribeImageScanFindings", Kind: Answers, Reason: scanReason + "; images that were not scanned go to moto", answer: describeFindings},
}

// scan is a completed scan of an image.
type scan struct {
	at         time.Time
	severities []string
}

func (s *scan) counts() object {
	out := object{}
	for _, severity := range s.severities {
		n, _ := out[severity].(int)
		out[severity] = n + 1
	}
	return out
}

// nameImage gives an image the digest that AWS would give it.
func nameImage(_ *memory, e *exchange) {
	in := e.input()
	if text(in, "imageDigest") != "" || text(in, "imageManifest") == "" {
		return
	}
	body, err := json.Marshal(merged(in, object{"imageDigest": manifestDigest(in)}))
	if err != nil {
		return
	}
	e.setBody(body)
}

func manifestDigest(in object) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text(in, "imageManifest"))))
}

// putImage scans a new image. Moto has one error for an image that is there
// already and for a tag of another image that cannot be moved.
func putImage(m *memory, e *exchange, r *reply) {
	in := e.input()
	if errorCode(r.header, r.body) == "ImageAlreadyExistsException" && !strings.Contains(string(r.body), manifestDigest(in)) {
		*r = *jsonFailure("ImageTagAlreadyExistsException",
			"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.",
			text(in, "imageTag"), text(in, "repositoryName"))
		return
	}
	onSuccess(scanOnPush)(m, e, r)
}

func scanKey(e *exchange, repository, digest string) string {
	return strings.Join([]string{e.operation.region, repository, digest}, " ")
}

// scanOnPush scans an image whose repository wants that.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
func scanOnPush(m *memory, e *exchange, out object) {
	image := child(out, "image")
	repository := text(image, "repositoryName")
	described, err := m.upstream.ecr(e.operation.region, "DescribeRepositories", object{"repositoryNames": []string{repository}})
	if err != nil {
		e.gateway.complain(err)
		return
	}
	for _, r := range objects(described, "repositories") {
		if child(r, "imageScanningConfiguration")["scanOnPush"] == true {
			m.scanned(e, repository, text(child(image, "imageId"), "imageDigest"), text(image, "imageManifest"))
		}
	}
}

func startScan(m *memory, e *exchange, out object) {
	id := child(out, "imageId")
	found, err := m.upstream.ecr(e.operation.region, "BatchGetImage", object{
		"repositoryName": text(out, "repositoryName"), "imageIds": []any{object{"imageDigest": text(id, "imageDigest")}},
	})
	if err != nil {
		e.gateway.complain(err)
		return
	}
	for _, image := range objects(found, "images") {
		m.scanned(e, text(out, "repositoryName"), text(id, "imageDigest"), text(image, "imageManifest"))
	}
}

func (m *memory) scanned(e *exchange, repository, digest, manifest string) {
	s := &scan{at: m.world.Now()}
	if v, err := decodeJSON([]byte(manifest)); err == nil {
		document, _ := v.(object)
		for severity := range strings.SplitSeq(text(child(document, "annotations"), FindingsAnnotation), ",") {
			if severity = strings.TrimSpace(severity); severity != "" {
				s.severities = append(s.severities, severity)
			}
		}
	}
	m.scans[scanKey(e, repository, digest)] = s
}

const scanCompleted = "The scan was completed successfully."

func describeImages(m *memory, e *exchange, out object) {
	for _, image := range objects(out, "imageDetails") {
		s := m.scans[scanKey(e, text(image, "repositoryName"), text(image, "imageDigest"))]
		if s == nil {
			continue
		}
		image["imageScanStatus"] = object{"status": "COMPLETE", "description": scanCompleted}
		image["imageScanFindingsSummary"] = object{
			"imageScanCompletedAt": epoch(s.at), "vulnerabilitySourceUpdatedAt": epoch(s.at), "findingSeverityCounts": s.counts(),
		}
	}
}

// describeFindings answers for a scanned image, by digest or tag.
func describeFindings(m *memory, e *exchange) *reply {
	repository, id := text(e.input(), "repositoryName"), child(e.input(), "imageId")
	found, err := m.upstream.ecr(e.operation.region, "DescribeImages", object{"repositoryName": repository, "imageIds": []any{id}})
	if err != nil {
		return nil
	}
	for _, image := range objects(found, "imageDetails") {
		s := m.scans[scanKey(e, repository, text(image, "imageDigest"))]
		if s == nil {
			continue
		}
		findings := []any{}
		for i, severity := range s.severities {
			findings = append(findings, object{
				"name": fmt.Sprintf("CVE-0000-%04d", i+1), "severity": severity,
				"description": "declared by the image's manifest", "uri": "https://www.cve.org/",
			})
		}
		return jsonReply(object{
			"registryId": m.account, "repositoryName": repository, "imageId": object{"imageDigest": text(image, "imageDigest")},
			"imageScanStatus": object{"status": "COMPLETE", "description": scanCompleted},
			"imageScanFindings": object{
				"imageScanCompletedAt": epoch(s.at), "vulnerabilitySourceUpdatedAt": epoch(s.at),
				"findings": findings, "findingSeverityCounts": s.counts(),
			},
		})
	}
	return nil
}

// mismatched refuses a digest that is not the manifest's, as AWS does.
func mismatched(_ *memory, e *exchange) *reply {
	given := text(e.input(), "imageDigest")
	if want := manifestDigest(e.input()); given != "" && given != want {
		return jsonFailure("ImageDigestDoesNotMatchException", "image digest %s does not match %s, which is the manifest's", given, want)
	}
	return nil
}
