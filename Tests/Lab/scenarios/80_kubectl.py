"""kubectl and the Python client administer the mesh"""

from lab import ROOT, eventually, run

# Debian's kubernetes-client, as install-deps unpacks it.
KUBECTL = ROOT / ".venv/kubernetes-client/usr/bin/kubectl"
POLICY = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: from-kubectl, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  action: DENY
  rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/frontend]}}]}]
"""
SCRIPT = """
import sys
from kubernetes import client, config
config.load_kube_config(sys.argv[1])
print(sorted(s.metadata.name for s in client.CoreV1Api().list_namespaced_service('shop').items))
policies = client.CustomObjectsApi()
where = ('security.istio.io', 'v1', 'shop', 'authorizationpolicies')
policies.create_namespaced_custom_object(*where, {
    'apiVersion': 'security.istio.io/v1', 'kind': 'AuthorizationPolicy', 'metadata': {'name': 'from-python'},
    'spec': {'selector': {'matchLabels': {'app': 'none'}}, 'action': 'ALLOW'}})
print(policies.get_namespaced_custom_object(*where, 'from-python')['spec']['action'])
policies.delete_namespaced_custom_object(*where, 'from-python')
print(sorted(p['metadata']['name'] for p in policies.list_namespaced_custom_object(*where)['items']))
"""


def scenario(story, mesh):
    # On the administrator's own machine, which is the lab itself: kubectl with the kubeconfig that ambitd wrote.
    kubeconfig = mesh.hosts.folder / "admin.kubeconfig"
    kubeconfig.write_text(mesh.control.run("cat", "/var/lib/ambitd/admin.kubeconfig").stdout)
    cache = mesh.hosts.folder / "kubectl-cache"

    def kubectl(*words, **options):
        story.command("admin", "kubectl", *words)
        return run(KUBECTL, "--kubeconfig", kubeconfig, "--cache-dir", cache, *words, **options)

    frontend = mesh.one.unit_group("frontend.service")

    def reaches():
        answer = mesh.one.run("curl", "-fsS", "-m", 5, "http://web.shop.svc.cluster.local/", group=frontend, check=False)
        return answer.returncode == 0

    eventually(reaches, "the frontend reaches web")
    listed = kubectl("get", "services,workloadentries", "-n", "shop").stdout
    story.shows("kubectl get shows services and enrolled workloads", all(name in listed for name in ("web", "api", "frontend")))
    applied = kubectl("apply", "-f", "-", input=POLICY).stdout.strip()
    story.shows("kubectl apply", "from-kubectl created" in applied, applied)
    eventually(lambda: not reaches(), "the policy holds")
    story.shows("the policy that it applied holds on the hosts", True)
    kubectl("label", "authorizationpolicy", "from-kubectl", "-n", "shop", "owner=lab")
    story.shows("label and -o yaml", "owner: lab" in kubectl("get", "authorizationpolicy", "from-kubectl", "-n", "shop", "-o", "yaml").stdout)
    story.shows("describe", "from-kubectl" in kubectl("describe", "authorizationpolicy", "from-kubectl", "-n", "shop").stdout)
    story.shows("explain", "principals" in kubectl("explain", "authorizationpolicy.spec.rules.from.source").stdout)
    kubectl("delete", "authorizationpolicy", "from-kubectl", "-n", "shop")
    eventually(reaches, "the frontend reaches web again")
    done = run(ROOT / ".venv/bin/python", "-c", SCRIPT, kubeconfig, timeout=60)
    listed, *rest = done.stdout.splitlines()
    story.shows(
        "the Python client lists, creates, reads and deletes",
        all(f"'{name}'" in listed for name in ("api", "orders-db", "web")) and rest == ["ALLOW", "['api-clients']"],
        done.stdout.strip().replace("\n", " "))
