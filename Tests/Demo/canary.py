"""The second half of the demo: Bookinfo on the two hosts, and the canary of its reviews, with every answer counted."""

import collections
import json
import math

from lab import ROOT, eventually

BOOKINFO = ROOT / "samples/bookinfo"
TRAFFIC = BOOKINFO / "traffic"
PAGE = "http://productpage:9080/productpage"
# What runs where: program and version.
FIRST = (("productpage", "v1"), ("details", "v1"), ("reviews", "v1"))
SECOND = (("reviews", "v2"), ("reviews", "v3"), ("ratings", "v1"))
ACCOUNTS = [f"bookinfo/bookinfo-{name}" for name in ("productpage", "details", "reviews", "ratings")] + ["bookinfo/visitor"]
WAYPOINT_PORT = 15108
# Pages asked for where a share is measured, and elsewhere; and by how many visitors at once.
PAGES, FEWER, VISITORS = 200, 40, 8
# A visit: pages are asked for, and what they say of reviews is counted.
VISIT = r"""
import collections, concurrent.futures, http.client, json, re, sys, time
pages, visitors, user = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
def visit(count):
    connection, found = http.client.HTTPConnection('productpage', 9080, timeout=30), collections.Counter()
    for _ in range(count):
        connection.request('GET', '/productpage', headers={'cookie': f'user={user}'} if user else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        version = re.search(r'>reviews (v\d)<', text)
        said = version[1] if version else 'no reviews'
        found[said if answer.status == 200 else str(answer.status)] += 1
        if 'class="stars' in text: found['stars'] += 1
        if 'Ratings service is currently unavailable' in text: found['no ratings'] += 1
    return found
started = time.monotonic()
with concurrent.futures.ThreadPoolExecutor(visitors) as pool:
    total = sum(pool.map(visit, [pages // visitors] * visitors), collections.Counter())
print(json.dumps([total, time.monotonic() - started]))
"""


class Bookinfo:
    """Its workloads on two hosts, and a visitor who asks for pages."""

    def __init__(self, story, mesh, first, second, ctl):
        self.story, self.mesh, self.second, self.ctl = story, mesh, second, ctl
        self.visitor = first.workload("visitor")
        self.programs = [(first.workload(self.name(*each)), *each) for each in FIRST]
        self.programs += [(second.workload(self.name(*each)), *each) for each in SECOND]
        self.processes = []

    @staticmethod
    def name(app, version):
        return f"{app}-{version}" if app == "reviews" else app

    @property
    def workloads(self):
        return [workload for workload, _, _ in self.programs] + [self.visitor]

    def start(self):
        for workload, app, version in self.programs:
            self.story.command(workload.short, f"samples/bookinfo/programs/{app}", "--version", version)
            words = ["--version", version] if app != "productpage" else []
            self.processes.append(workload.start(
                BOOKINFO / "programs" / app, *words, name=app, ready=lambda workload=workload: workload.listens(9080)))
        for workload, app, version in self.programs:
            self.mesh.enrol(workload, "bookinfo", f"bookinfo-{app}", {"app": app, "version": version}, {"http": 9080})
        self.mesh.enrol(self.visitor, "bookinfo", "visitor", {"app": "visitor"})

    def stop(self):
        for process in self.processes:
            process.stop()

    def visit(self, pages=PAGES, visitors=VISITORS, user=""):
        """(what the pages said of reviews, seconds): counts by version, `stars`, `no ratings`, `no reviews`."""
        done = self.visitor.run("python3", "-c", VISIT, pages, visitors, user, timeout=90)
        found, seconds = json.loads(done.stdout)
        return collections.Counter(found), seconds

    def step(self, file):
        """Applies a step of the story, and waits until the waypoint acts on it."""
        self.ctl("apply", "-n", "bookinfo", "-f", TRAFFIC / file)

    def count(self, user="", **options):
        """Pages that are shown to the reader as a line of bars."""
        found, seconds = self.visit(user=user, **options)
        pages = sum(found[name] for name in found if name not in ("stars", "no ratings"))
        for version in sorted(name for name in found if name not in ("stars", "no ratings")):
            share = found[version] / pages
            print(f"    {version:10} {'#' * round(40 * share):40} {found[version]:4} of {pages} pages")
        print(f"    {'':10} in {seconds:.1f} s{f', signed in as {user}' if user else ''}")
        return found


def near(count, share, pages=PAGES):
    """Within what chance allows: four standard deviations."""
    return abs(count - pages * share) <= 4 * math.sqrt(pages * share * (1 - share))


def play(story, mesh, first, second, ctl):
    """Every chapter; returns Bookinfo, which still runs."""
    story.chapter("Bookinfo: four programs on two hosts")
    mesh.ctl("apply", "-f", "-", input="apiVersion: v1\nkind: Namespace\nmetadata: {name: bookinfo}\n")
    ctl("apply", "-n", "bookinfo", "-f", BOOKINFO / "1-services.yaml", "-f", BOOKINFO / "2-versions.yaml")
    bookinfo = Bookinfo(story, mesh, first, second, ctl)
    bookinfo.start()
    eventually(lambda: set(bookinfo.visit(24, 4)[0]) >= {"v1", "v2", "v3"}, "the page has reviews of every version", 20)
    found = bookinfo.count(pages=FEWER)
    story.shows("without a waypoint, connections are spread over all three versions", set(found) >= {"v1", "v2", "v3"})

    story.chapter("A waypoint for the namespace: requests instead of connections")
    ctl("waypoint", "apply", "-n", "bookinfo", "--enroll-namespace", "--node", second.short)
    story.command(second.short, "systemctl", "start", "ambit-waypoint@waypoint.bookinfo")
    folder = mesh.folder / "waypoint"
    folder.mkdir()
    second.start(
        mesh.programs / "waypoint", "proxy", name="waypoint", ready=lambda: second.listens(WAYPOINT_PORT),
        env=mesh.node_environment(second, mesh.folder / f"{second.short}-credentials", extra={
            "AMBIT_WAYPOINT": "waypoint.bookinfo", "AMBIT_HBONE_PORT": "auto", "AMBIT_READINESS_PORT": "0",
            "AMBIT_WORKER_THREADS": "1", "AMBIT_STATE_DIR": str(folder)}))
    bookinfo.step("1-all-to-v1.yaml")
    eventually(lambda: set(bookinfo.visit(16, 4)[0]) == {"v1"}, "the waypoint sends everybody to v1", 30)
    found = bookinfo.count(pages=FEWER)
    story.shows("everybody gets reviews v1, without stars", found == {"v1": FEWER})

    story.chapter("The canary: testers first")
    bookinfo.step("2-testers-to-v3.yaml")
    eventually(lambda: bookinfo.visit(1, 1, "tess")[0]["v3"], "the waypoint knows tess")
    found = bookinfo.count(user="tess", pages=FEWER)
    story.shows("tess, who is signed in, gets v3 with red stars", found["v3"] == found["stars"] == FEWER)
    found = bookinfo.count(pages=FEWER)
    story.shows("and nobody else does", found == {"v1": FEWER})

    # The third is a number of so few pages that the step before it does not reach by chance.
    for file, share, enough in (("3-canary-90-10.yaml", 0.1, 1), ("4-canary-50-50.yaml", 0.5, 12)):
        story.chapter(f"The canary: {share:.0%} of all requests")
        bookinfo.step(file)
        eventually(lambda: bookinfo.visit(FEWER)[0]["v3"] >= enough, f"the waypoint sends {share:.0%} to v3")
        found = bookinfo.count()
        story.shows(
            f"{share:.0%} of the pages have reviews v3, as near as chance allows",
            near(found["v3"], share) and found["v1"] + found["v3"] == PAGES, f"{found['v3']} of {PAGES}")

    story.chapter("The canary has proved itself")
    bookinfo.step("5-all-to-v3.yaml")
    eventually(lambda: bookinfo.visit(16, 4)[0]["v3"] == 16, "the waypoint sends everybody to v3")
    found = bookinfo.count(pages=FEWER)
    story.shows("everybody gets reviews v3", found["v3"] == FEWER)

    story.chapter("Faults, for testers only")
    bookinfo.step("6-failing-ratings-for-testers.yaml")
    eventually(lambda: bookinfo.visit(1, 1, "tess")[0]["no ratings"], "the waypoint fails tess's ratings")
    found = bookinfo.count(user="tess", pages=8)
    story.shows("when ratings fails, tess's page says so in place of the stars", found["no ratings"] == 8 and not found["stars"])
    bookinfo.step("7-slow-ratings-for-testers.yaml")
    eventually(lambda: not bookinfo.visit(1, 1, "tess")[0]["no ratings"], "the waypoint delays tess's ratings")
    found = bookinfo.count(user="tess", pages=2, visitors=2)
    story.shows("when ratings takes 7 s, the page gives up on all of reviews after 2 times 3 s", found["no reviews"] == 2)
    found = bookinfo.count(pages=FEWER)
    story.shows("nobody else sees either", found["v3"] == found["stars"] == FEWER)
    return bookinfo
