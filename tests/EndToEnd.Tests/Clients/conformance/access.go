package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func init() {
	register("access: reviews agree with what is allowed", reviews)
	register("access: tokens of service accounts", tokens)
	register("access: the root certificate is in every namespace", rootCertificate)
	register("access: certificate signing requests", signingRequests)
	register("admission: conditions of webhooks are stored, and must compile", matchConditions)
	register("admission: a policy judges deployments", policyOfDeployments)
	register("admission: variables of a policy", policyVariables)
	register("admission: a policy's expressions are type checked", policyTypes)
	register("admission: a policy with parameters and conditions", policyParameters)
}

func as(user string, groups ...string) *kubernetes.Clientset {
	other := rest.CopyConfig(config)
	other.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	return kubernetes.NewForConfigOrDie(other)
}

func reviews(here *place) {
	got(client.CoreV1().ServiceAccounts(here.namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{}))
	name := "system:serviceaccount:" + here.namespace + ":a"
	groups := []string{"system:authenticated", "system:serviceaccounts", "system:serviceaccounts:" + here.namespace}
	attributes := &authorizationv1.ResourceAttributes{Verb: "list", Resource: "configmaps", Version: "v1", Namespace: here.namespace}
	agree := func(allowed bool) {
		review := got(client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: name, Groups: groups, ResourceAttributes: attributes}}, metav1.CreateOptions{}))
		local := got(client.AuthorizationV1().LocalSubjectAccessReviews(here.namespace).Create(ctx, &authorizationv1.LocalSubjectAccessReview{
			ObjectMeta: metav1.ObjectMeta{Namespace: here.namespace}, Spec: authorizationv1.SubjectAccessReviewSpec{User: name, Groups: groups, ResourceAttributes: attributes}}, metav1.CreateOptions{}))
		own := got(as(name, groups...).AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: attributes}}, metav1.CreateOptions{}))
		_, err := as(name, groups...).CoreV1().ConfigMaps(here.namespace).List(ctx, metav1.ListOptions{})
		expect(review.Status.Allowed == allowed && local.Status.Allowed == allowed && own.Status.Allowed == allowed && (err == nil) == allowed, "reviews say %v %v %v, the request %v", review.Status, local.Status, own.Status, err)
	}
	agree(false)
	got(client.RbacV1().RoleBindings(here.namespace).Create(ctx, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "view"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "a", Namespace: here.namespace}}}, metav1.CreateOptions{}))
	agree(true)
	who := got(as(name, groups...).AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{}))
	expect(who.Status.UserInfo.Username == name && slices.Contains(who.Status.UserInfo.Groups, "system:serviceaccounts"), "who: %v", who.Status)
	rules := got(as(name, groups...).AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: here.namespace}}, metav1.CreateOptions{}))
	expect(slices.ContainsFunc(rules.Status.ResourceRules, func(r authorizationv1.ResourceRule) bool { return slices.Contains(r.Resources, "configmaps") }), "rules: %v", rules.Status)
	_, err := client.AuthorizationV1().LocalSubjectAccessReviews(here.namespace).Create(ctx, &authorizationv1.LocalSubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: name,
		ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "get", Resource: "pods", Namespace: "elsewhere"}}}, metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "must match metadata.namespace")
}

func tokens(here *place) {
	api := client.CoreV1().ServiceAccounts(here.namespace)
	account := got(api.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"a": "b"}}}, metav1.CreateOptions{}))
	account.AutomountServiceAccountToken = ptr(true)
	account = got(api.Update(ctx, account, metav1.UpdateOptions{}))
	expect(*account.AutomountServiceAccountToken, "the update is lost")
	pod := got(client.CoreV1().Pods(here.namespace).Create(ctx, idlePod("p", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "a" }), metav1.CreateOptions{}))
	bound := &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: "p", UID: pod.UID}
	answer := got(api.CreateToken(ctx, "a", &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: []string{"walk"}, ExpirationSeconds: ptr(int64(3600)), BoundObjectRef: bound}}, metav1.CreateOptions{}))
	expect(answer.Status.Token != "" && time.Until(answer.Status.ExpirationTimestamp.Time) > 50*time.Minute, "the token: %v", answer.Status.ExpirationTimestamp)
	review := func(audience string) authenticationv1.TokenReviewStatus {
		return got(client.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: answer.Status.Token, Audiences: []string{audience}}}, metav1.CreateOptions{})).Status
	}
	status := review("walk")
	expect(status.Authenticated && status.User.Username == "system:serviceaccount:"+here.namespace+":a" && slices.Equal(status.User.Extra["authentication.kubernetes.io/pod-name"], []string{"p"}), "the review: %v", status)
	expect(!review("another").Authenticated, "a token for another audience is good")
	must(client.CoreV1().Pods(here.namespace).Delete(ctx, "p", *metav1.NewDeleteOptions(0)))
	eventually("the token ends with its pod", func() bool { return !review("walk").Authenticated })
	_, err := api.CreateToken(ctx, "a", &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr(int64(1))}}, metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "may not specify a duration less than 10 minutes")
	bound.UID = "00000000-0000-0000-0000-000000000000"
	_, err = api.CreateToken(ctx, "a", &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{BoundObjectRef: bound}}, metav1.CreateOptions{})
	refused(err, anyError)
	mounted := got(client.CoreV1().Pods(here.namespace).Create(ctx, idlePod("mounted", func(p *corev1.Pod) { p.Spec.ServiceAccountName, p.Spec.AutomountServiceAccountToken = "a", nil }), metav1.CreateOptions{}))
	expect(len(mounted.Spec.Volumes) == 1 && mounted.Spec.Volumes[0].Projected != nil && mounted.Spec.Containers[0].VolumeMounts[0].MountPath == "/var/run/secrets/kubernetes.io/serviceaccount", "mounted: %v", mounted.Spec.Volumes)
	got(api.Patch(ctx, "a", types.MergePatchType, []byte(`{"automountServiceAccountToken":false}`), metav1.PatchOptions{}))
	plain := got(client.CoreV1().Pods(here.namespace).Create(ctx, idlePod("plain", func(p *corev1.Pod) { p.Spec.ServiceAccountName, p.Spec.AutomountServiceAccountToken = "a", nil }), metav1.CreateOptions{}))
	expect(len(plain.Spec.Volumes) == 0, "mounted although the account says no: %v", plain.Spec.Volumes)
}

func rootCertificate(here *place) {
	maps := client.CoreV1().ConfigMaps(here.namespace)
	there := func() *corev1.ConfigMap {
		one, err := maps.Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		if err != nil || !strings.HasPrefix(one.Data["ca.crt"], "-----BEGIN CERTIFICATE-----") {
			return nil
		}
		return one
	}
	eventually("it is there", func() bool { return there() != nil })
	before := there()
	must(maps.Delete(ctx, before.Name, metav1.DeleteOptions{}))
	eventually("it is made again", func() bool { now := there(); return now != nil && now.UID != before.UID })
	got(maps.Patch(ctx, before.Name, types.MergePatchType, []byte(`{"data":{"ca.crt":"","more":"x"}}`), metav1.PatchOptions{}))
	eventually("it is put right", func() bool { now := there(); return now != nil && len(now.Data) == 1 })
}

func signingRequests(here *place) {
	key := got(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	der := got(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "walk", Organization: []string{"walkers"}}}, key))
	api := client.CertificatesV1().CertificateSigningRequests()
	made := got(api.Create(ctx, &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "walk-", Labels: map[string]string{"walk": here.namespace}},
		Spec: certificatesv1.CertificateSigningRequestSpec{Request: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), SignerName: "walk.example.com/signer", ExpirationSeconds: ptr(int32(3600)), Usages: []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth}},
	}, metav1.CreateOptions{}))
	here.later(func() { _ = api.Delete(ctx, made.Name, metav1.DeleteOptions{}) })
	expect(made.Spec.Username != "", "nobody asked for it: %v", made.Spec)
	approved := made.DeepCopy()
	approved.Annotations = map[string]string{"approval": "walked"}
	approved.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "Walk", Message: "approved"}}
	approved = got(api.UpdateApproval(ctx, made.Name, approved, metav1.UpdateOptions{}))
	expect(len(approved.Status.Conditions) == 1 && !approved.Status.Conditions[0].LastUpdateTime.IsZero() && approved.Annotations["approval"] == "walked", "approved: %v", approved)
	approved.Status.Conditions = append(approved.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{Type: certificatesv1.CertificateDenied, Status: corev1.ConditionTrue, Reason: "Walk"})
	_, err := api.UpdateApproval(ctx, made.Name, approved, metav1.UpdateOptions{})
	refused(err, apierrors.IsInvalid, "Approved and Denied conditions are mutually exclusive")
	status := []byte(`{"metadata":{"annotations":{"status":"walked"}},"status":{"certificate":"bm90IGEgY2VydGlmaWNhdGU="}}`)
	_, err = api.Patch(ctx, made.Name, types.MergePatchType, status, metav1.PatchOptions{}, "status")
	refused(err, apierrors.IsInvalid, "status.certificate")
	failed := got(api.Patch(ctx, made.Name, types.MergePatchType, []byte(`{"metadata":{"annotations":{"status":"walked"}},"status":{"conditions":[{"type":"Failed","status":"True","reason":"Walk","message":"no"}]}}`), metav1.PatchOptions{}, "status"))
	expect(len(failed.Status.Conditions) == 2 && failed.Annotations["status"] == "walked", "the approval is kept beside a failure: %v", failed.Status)
	must(api.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "walk=" + here.namespace}))
	expect(len(got(api.List(ctx, metav1.ListOptions{LabelSelector: "walk=" + here.namespace, FieldSelector: "spec.signerName=walk.example.com/signer"})).Items) == 0, "they are still there")
}

func matchConditions(here *place) {
	for _, plural := range []string{"validatingwebhookconfigurations", "mutatingwebhookconfigurations"} {
		kind := map[string]string{"validatingwebhookconfigurations": "ValidatingWebhookConfiguration", "mutatingwebhookconfigurations": "MutatingWebhookConfiguration"}[plural]
		api := objects.Resource(kindOf("admissionregistration.k8s.io", "v1", plural))
		broken := strings.Replace(webhooks, "object.metadata.name == 'x'", "... [] bad expression", 1)
		_, err := api.Create(ctx, changed(parse("{apiVersion: admissionregistration.k8s.io/v1, kind: "+kind+", metadata: {name: "+here.namespace+"}}"), broken), metav1.CreateOptions{})
		refused(err, apierrors.IsInvalid, "compilation failed", "webhooks[0].matchConditions[0].expression")
	}
}

const policyHead = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: %[1]s.policy.example.com}
spec:
  matchConstraints:
    namespaceSelector: {matchLabels: {%[1]s: "true"}}
    resourceRules: [{apiGroups: [%[2]s], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [%[3]s]}]
`

const policyBinding = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: %[1]s.binding.example.com}
spec:
  policyName: %[1]s.policy.example.com
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {%[1]s: "true"}}}
`

func newPolicy(here *place, group, plural, rest, bindingRest string) {
	policies, bindings := objects.Resource(kindOf("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies")), objects.Resource(kindOf("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings"))
	got(policies.Create(ctx, parse(fmt.Sprintf(policyHead, here.namespace, group, plural)+rest), metav1.CreateOptions{}))
	here.later(func() { _ = policies.Delete(ctx, here.namespace+".policy.example.com", metav1.DeleteOptions{}) })
	if bindingRest == "-" {
		return
	}
	got(bindings.Create(ctx, parse(fmt.Sprintf(policyBinding, here.namespace)+bindingRest), metav1.CreateOptions{}))
	here.later(func() { _ = bindings.Delete(ctx, here.namespace+".binding.example.com", metav1.DeleteOptions{}) })
}

func policyOfDeployments(here *place) {
	newPolicy(here, "apps", "deployments", `
  validations:
  - {expression: "object.spec.replicas > 1", messageExpression: "'wants replicas > 1, got ' + string(object.spec.replicas)"}
  - {expression: "namespaceObject.metadata.name == '`+here.namespace+`'", message: another namespace is asked about}
`, "")
	api := client.AppsV1().Deployments(here.namespace)
	eventually("one replica is denied", func() bool {
		_, err := api.Create(ctx, newDeployment("marker", 1), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return apierrors.IsInvalid(err) && strings.Contains(err.Error(), "wants replicas > 1, got 1")
	})
	got(api.Create(ctx, newDeployment("replicated", 2), metav1.CreateOptions{}))
	// A scale is no deployment, so the policy is not asked.
	got(api.Patch(ctx, "replicated", types.MergePatchType, []byte(`{"spec":{"replicas":1}}`), metav1.PatchOptions{}, "scale"))
	got(objects.Resource(kindOf("apps", "v1", "replicasets")).Namespace(here.namespace).Create(ctx, changed(parse("{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: other}}"), owner), metav1.CreateOptions{}))
	other := here.newNamespace("-other", nil)
	got(client.AppsV1().Deployments(other).Create(ctx, newDeployment("one", 1), metav1.CreateOptions{}))
}

func policyVariables(here *place) {
	newPolicy(here, "apps", "deployments", `
  variables:
  - {name: replicas, expression: object.spec.replicas}
  - {name: oddReplicas, expression: "variables.replicas % 2 == 1"}
  validations:
  - {expression: variables.replicas > 1}
  - {expression: variables.oddReplicas}
`, "")
	api := client.AppsV1().Deployments(here.namespace)
	try := func(replicas int32) error {
		_, err := api.Create(ctx, newDeployment("marker", replicas), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	eventually("one replica is denied", func() bool { return apierrors.IsInvalid(try(1)) })
	refused(try(2), apierrors.IsInvalid, "failed expression: variables.oddReplicas")
	must(try(3))
}

func policyTypes(here *place) {
	newPolicy(here, "apps", "deployments", `
  validations:
  - {expression: "object.spec.replicas > '1'", messageExpression: "'wants replicas > 1, got ' + object.spec.replicas"}
`, "-")
	policies := client.AdmissionregistrationV1().ValidatingAdmissionPolicies()
	eventually("both mistakes are found", func() bool {
		checked := got(policies.Get(ctx, here.namespace+".policy.example.com", metav1.GetOptions{})).Status.TypeChecking
		return checked != nil && len(checked.ExpressionWarnings) == 2 &&
			checked.ExpressionWarnings[0].FieldRef == "spec.validations[0].expression" && strings.Contains(checked.ExpressionWarnings[0].Warning, "found no matching overload for '_>_' applied to '(int, string)'") &&
			checked.ExpressionWarnings[1].FieldRef == "spec.validations[0].messageExpression" && strings.Contains(checked.ExpressionWarnings[1].Warning, "found no matching overload for '_+_' applied to '(string, int)'")
	})
	got(policies.Patch(ctx, here.namespace+".policy.example.com", types.MergePatchType, []byte(`{"spec":{"validations":[{"expression":"object.spec.replicas > 1"}]}}`), metav1.PatchOptions{}))
	eventually("nothing is wrong any more", func() bool {
		policy := got(policies.Get(ctx, here.namespace+".policy.example.com", metav1.GetOptions{}))
		return policy.Status.TypeChecking != nil && len(policy.Status.TypeChecking.ExpressionWarnings) == 0 && policy.Status.ObservedGeneration == policy.Generation
	})
}

func policyParameters(here *place) {
	maps := client.CoreV1().ConfigMaps(here.namespace)
	limits := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "limits"}, Data: map[string]string{"most": "2"}}
	got(maps.Create(ctx, limits, metav1.CreateOptions{}))
	newPolicy(here, `""`, "configmaps", `
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConditions: [{name: few, expression: "object.metadata.name.startsWith('judged')"}]
  auditAnnotations: [{key: size, valueExpression: "string(size(object.data))"}]
  validations: [{expression: "size(object.data) <= int(params.data.most)", reason: Forbidden, messageExpression: "'at most ' + params.data.most"}]
`, "  paramRef: {name: limits, namespace: "+here.namespace+", parameterNotFoundAction: Deny}\n")
	try := func(name string, count int) error {
		data := map[string]string{}
		for i := range count {
			data[fmt.Sprint(i)] = ""
		}
		_, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	eventually("more than the parameters allow is denied", func() bool { return try("judged", 3) != nil })
	refused(try("judged", 3), apierrors.IsForbidden, "at most 2")
	must(try("judged", 2))
	must(try("another", 3))
	must(maps.Delete(ctx, "limits", metav1.DeleteOptions{}))
	refused(try("judged", 1), anyError, "no params found for policy binding with `Deny` parameterNotFoundAction")
}
