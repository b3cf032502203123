"""Purge: the hosts are as they were"""

from host_state import difference, host_state


def scenario(story, mesh):
    for node in mesh.nodes:
        mesh.typed(story, node, "apt-get", "purge", "-qq", "--yes", "ambit-node", "ambitctl")
    mesh.typed(story, mesh.control, "apt-get", "purge", "-qq", "--yes", "ambit-control", "ambitctl")
    for host in (mesh.control, *mesh.nodes):
        for what, now in host_state(host).items():
            story.shows(f"{host.name}: {what} is what it was", now == mesh.clean[host][what], difference(mesh.clean[host][what], now))
        story.shows(f"{host.name}: no process of Ambit is left", not host.run("pgrep", "-a", "ztunnel|ambitd", check=False).stdout)
    answer = mesh.one.run("curl", "-sS", "-m", 5, f"http://{mesh.two.address}:8080/", group=mesh.one.unit_group("frontend.service"))
    story.shows("and the frontend reaches web in the clear, as before", "hello from web" in answer.stdout)
