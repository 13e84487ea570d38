"""One address a post: what differs between two copies of a link without being another message is taken away.

RFC 3986 and IDNA are the library's (url-normalize). Here stand the two lists that it takes: the parameters that are known to
track (and nothing that might choose a page: `ref`, `source`, `src`, `sh` and `share` are threads and sections of some sites), and
the spellings in which the platforms hand out one post.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import idna
from url_normalize import url_normalize

LONGEST = 2_000
"""Longer ones are compared as they stand; no page has such an address."""

_TRACKING = re.compile(
    # Google Analytics, Matomo, AT Internet / Piano, Adobe
    r"(?:utm_\w+|(?:mtm|piwik|pk)_(?:campaign|kwd|keyword|source|medium|content|cid|group|placement)|"
    r"hsa_(?:acc|cam|grp|ad|src|tgt|kw|mt|net|ver|la|ol)|_ga|_gl|gclid|gclsrc|dclid|gbraid|wbraid|gad_source|gad_campaignid|xtor|s_cid|"
    r"at_(?:medium|campaign\w*|custom\d*|link\w*|format|variant|creation|platform|emailtype|ptr_name|recipient_id|send_date|bbc_team)|"
    # networks and shops of advertisements
    r"fbclid|fb_action_ids|fb_action_types|fb_source|msclkid|yclid|ysclid|_openstat|twclid|ttclid|igshid|igsh|li_fat_id|epik|scclid|"
    r"rdt_cid|irclickid|rb_clickid|srsltid|wickedid|"
    # mailings
    r"mc_[ce]id|mkt_tok|_hsenc|_hsmi|__hs(?:fp|sc|tc)|hsctatracking|vero_(?:id|conv)|oly_(?:anon|enc)_id|ml_subscriber(?:_hash)?|"
    r"oft_(?:ck?|d|ids?|k|lk|sk)|_bta_[ct]id|trk_(?:contact|msg|module|sid)|__s|ck_subscriber_id|"
    # what an application adds when somebody shares
    r"_branch_(?:match_id|referrer)|__twitter_impression|__tn__|__cft__(?:\[\d+\])?|__xts__(?:\[\d+\])?|guccounter|guce_referrer(?:_sig)?|"
    # sessions of a reader
    r"phpsessid|jsessionid)",
    re.IGNORECASE,
)
_TRACKING_OF = {
    "x.com": {"s", "t", "ref_src", "ref_url", "cxt"},
    "linkedin.com": {"trk", "lipi", "trackingid", "rcm", "originalsubdomain"},
    "facebook.com": {"mibextid", "rdid", "share_url", "notif_id", "notif_t", "eid", "hc_ref", "fref"},
    "reddit.com": {"share_id", "rdt"},
    "youtube.com": {"si", "feature", "pp", "ab_channel"},
    "spotify.com": {"si"},
    "play.google.com": {"hl", "gl"},
}

_NAMES = {
    "twitter.com": "x.com",
    "fxtwitter.com": "x.com",
    "vxtwitter.com": "x.com",
    "fixupx.com": "x.com",
    "fixvx.com": "x.com",
    "nitter.net": "x.com",
    "xcancel.com": "x.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "i.reddit.com": "reddit.com",
    "fb.com": "facebook.com",
    "web.facebook.com": "facebook.com",
    "mbasic.facebook.com": "facebook.com",
    "music.youtube.com": "youtube.com",
    "youtube-nocookie.com": "youtube.com",
    "ddinstagram.com": "instagram.com",
    "telegram.me": "t.me",
    "threads.net": "threads.com",
    "staging.bsky.app": "bsky.app",
    "discordapp.com": "discord.com",
    "ptb.discord.com": "discord.com",
    "canary.discord.com": "discord.com",
}
_SERVED = re.compile(
    r"^(?:(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)|[a-z]{2}(?:-[a-z]{2})?\.(?=(?:linkedin|facebook|reddit)\.com$))"
)
# Hosts that are one site: in each language or country, or as a copy that somebody serves.
_ONE_SITE = (
    (re.compile(r"[a-z]{2}(?:-[a-z]{2})?\.trustpilot\.com"), "trustpilot.com"),
    (re.compile(r"(?:[a-z]{2}\.)?tripadvisor\.(?:[a-z]{2,3}|com?\.[a-z]{2})"), "tripadvisor.com"),
    (re.compile(r"nitter\.[a-z0-9.-]+"), "x.com"),
)
_MOBILE_WIKI = re.compile(r"^([a-z-]+)\.m\.(?=wik)")

Query = list[tuple[str, str]]
_Post = Callable[[re.Match[str], dict[str, str]], str | None]


def _video(video: str, query: dict[str, str]) -> str | None:
    # A comment beneath a video is a message of its own.
    return f"/watch?v={video}" + (f"&lc={query['lc']}" if query.get("lc") else "") if video else None


def _story(_: re.Match[str], query: dict[str, str]) -> str | None:
    story, page = query.get("story_fbid"), query.get("id")
    comment = f"?comment_id={query['comment_id']}" if query.get("comment_id") else ""
    return f"/{page}/posts/{story}{comment}" if story and page else None


def _facebook_post(found: re.Match[str], query: dict[str, str]) -> str:
    """`/NAME/posts/ID` of a page, `/groups/NAME/posts/ID` of a group."""
    comment = f"?comment_id={query['comment_id']}" if query.get("comment_id") else ""
    return f"/{found[1]}/posts/{found[2]}{comment}"


def _channel_post(found: re.Match[str], query: dict[str, str]) -> str:
    comment = f"?comment={query['comment']}" if query.get("comment") else ""
    return f"/{found[1].lower()}/{found[2]}{comment}"


def _photo(_: re.Match[str], query: dict[str, str]) -> str | None:
    return f"/photo/{query['fbid']}" if query.get("fbid") else None


def _company(found: re.Match[str], query: dict[str, str]) -> str:
    """What people say of a company, a page of it at a time; the language is that of the page around it."""
    page = f"?page={query['page']}" if query.get("page", "1") != "1" else ""
    return f"/review/{found[1].lower()}{page}"


_QUESTIONS = (
    (re.compile(r"/questions/\d+/[^/]+/(\d+)/?|/a/(\d+)(?:/\d+)?/?", re.ASCII), "a"),
    (re.compile(r"/questions/(\d+)(?:/[^/]*)?/?|/q/(\d+)(?:/\d+)?/?", re.ASCII), "q"),
)
_ASKED = re.compile(
    r"(?:[a-z]{2}\.)?stackoverflow\.com|(?:serverfault|superuser|askubuntu)\.com|[a-z.]+\.stackexchange\.com"
)
_AUTHOR_OF_MEDIUM = re.compile(r"(?!(?:help|policy|blog)\.)[\w-]+\.medium\.com", re.ASCII)
_STORY_OF_MEDIUM = re.compile(r"/(?:.*-|p/)([0-9a-f]{10,12})/?", re.ASCII)
_APP = re.compile(r"((?:/[a-z]{2})?/app)/(?:[^/]+/)?(id\d+)/?", re.ASCII)


def _on_many_hosts(host: str, path: str) -> str | None:
    """Posts whose site has many hosts, or whose address holds a title that may change.

    The country of an application in the App Store stays: each shows the opinions of its own people.
    """
    if _ASKED.fullmatch(host):
        for shape, kind in _QUESTIONS:
            if found := shape.fullmatch(path):
                return f"{host}/{kind}/{found[1] or found[2]}"
    if _AUTHOR_OF_MEDIUM.fullmatch(host) and (found := _STORY_OF_MEDIUM.fullmatch(path)):
        return f"medium.com/p/{found[1]}"
    if host in ("apps.apple.com", "itunes.apple.com") and (found := _APP.fullmatch(path)):
        return f"apps.apple.com{found[1]}/{found[2]}"
    return None


def _called(name: str, *, lower: bool = False) -> _Post:
    """The post in the one spelling `name`, a template of `re`."""

    def called(found: re.Match[str], _: dict[str, str]) -> str:
        post = found.expand(name)
        return post.lower() if lower else post

    return called


def _posts(*spellings: tuple[str, _Post]) -> list[tuple[re.Pattern[str], _Post]]:
    return [(re.compile(path, re.ASCII), called) for path, called in spellings]


# host: (path, what the post is called)
_POSTS = {
    "x.com": _posts((r"(?i:/(?:i/web|i|[^/]+)/status(?:es)?/(\d+)(?:/.*)?)", _called(r"/i/status/\1"))),
    "youtube.com": _posts(
        (r"/watch/?", lambda _, query: _video(query.get("v", ""), query)),
        (r"/(?:shorts|live|embed|v|e|watch)/([\w-]+)/?", lambda found, query: _video(found[1], query)),
    ),
    "youtu.be": _posts((r"/([\w-]+)/?", lambda found, query: _video(found[1], query))),
    "reddit.com": _posts(
        (
            r"(?i:/(?:(?:r|u|user)/[^/]+/)?comments/(\w+)/[^/]*/(\w+)/?)",
            _called(r"/comments/\1/\2", lower=True),
        ),
        (r"(?i:/(?:(?:r|u|user)/[^/]+/)?comments/(\w+)(?:/[^/]*)?/?)", _called(r"/comments/\1", lower=True)),
    ),
    "redd.it": _posts((r"/(\w+)/?", _called(r"/comments/\1", lower=True))),
    "tiktok.com": _posts(
        (r"/(?:@[^/]*/(?:video|photo)|v|embed(?:/v2)?|player/v1)/(\d+)(?:\.html)?/?", _called(r"/video/\1"))
    ),
    "instagram.com": _posts((r"(?:/[^/]+)?/(?:p|reels?|tv)/([\w-]+)(?:/embed)?/?", _called(r"/p/\1"))),
    "facebook.com": _posts(
        (r"/(?:permalink|story)\.php", _story),
        (r"/([^/]+)/posts/(?:[^/]+/)?(\w+)/?", _facebook_post),
        (r"/(groups/[^/]+)/(?:permalink|posts)/(\d+)/?", _facebook_post),
        (r"/watch/?", lambda _, query: f"/videos/{query['v']}" if query.get("v") else None),
        (r"/photo(?:\.php)?/?", _photo),
        (r"/[^/]+/photos/(?:[^/]+/)?(\d+)/?", _called(r"/photo/\1")),
        (r"/(?:[^/]+/videos(?:/[^/]+)?|reel)/(\d+)/?", _called(r"/videos/\1")),
    ),
    "linkedin.com": _posts(
        (
            r"(?i:/(?:embed/)?feed/update/urn(?::|%3A)li(?::|%3A)(activity|share|ugcPost)(?::|%3A)(\d+)/?)",
            _called(r"/\1/\2", lower=True),
        ),
        (r"(?i:/posts/.*?-(activity|share|ugcPost)-(\d+)(?:-[\w-]*)?/?)", _called(r"/\1/\2", lower=True)),
    ),
    "fb.watch": _posts((r"/([\w-]+)/?", _called(r"/\1"))),
    "trustpilot.com": _posts(
        (r"/reviews/(\w+)/?", _called(r"/reviews/\1")), (r"(?i:/review/(?:www\.)?([\w.-]+)/?)", _company)
    ),
    "medium.com": _posts(
        (r"/p/([0-9a-f]{10,12})/?", _called(r"/p/\1")), (r"/(?:.*[/-])([0-9a-f]{10,12})/?", _called(r"/p/\1"))
    ),
    "t.me": _posts((r"/(?:s/)?([A-Za-z]\w+)/(\d+)/?", _channel_post)),
    "threads.com": _posts((r"/(?:@[^/]*/post|t)/([\w-]+)(?:/.*)?", _called(r"/post/\1"))),
    "bsky.app": _posts((r"/profile/([^/]+)/post/(\w+)(?:/.*)?", _called(r"/profile/\1/post/\2", lower=True))),
}
_AMP = re.compile(r"/(?:amp|[cv])/(?:s/)?((?!google\.)[^/]+\.[^/]+/.*)")
_HOME = {"youtu.be": "youtube.com", "redd.it": "reddit.com"}
# Mastodon and what speaks like it, on any server.
_STATUS = re.compile(
    r"/(?:(?:web|deck)/)?(?:@([^/@]+)(?:@[^/]+)?|users/([^/]+)/statuses)/(\d{10,25})(?:/embed)?/?", re.ASCII
)
# Discourse, on any server and in any folder: a topic, and a post of it. Before the number stands the title of the day.
_TOPIC = re.compile(r"((?:/[\w.-]+){0,2}?/t)(?:/(?!\d+(?:/|$))[^/]+)?/(\d{1,10})(?:/(\d{1,6}))?", re.ASCII)


def canonical_address(url: str) -> str:
    """The one address of a post: without scheme, `www.` and `m.`, tracking, fragment and order, in its platform's one spelling.

    For comparing, never for opening. What is no address of the web is returned as it is.
    """
    url = url.strip()
    try:
        return _canonical(url) if len(url) <= LONGEST else url
    except (ValueError, idna.IDNAError):
        return url


def _canonical(url: str) -> str:
    written = urlsplit(url)
    if written.scheme.lower() not in ("http", "https"):
        return url
    parts = urlsplit(url_normalize(url) or "")
    host, port = (parts.hostname or "").rstrip("."), parts.port
    query = parse_qsl(parts.query, keep_blank_values=True)
    if not host:
        return url
    host = _MOBILE_WIKI.sub(r"\1.", _SERVED.sub("", host))
    host = _NAMES.get(host, host)
    host = next((site for shape, site in _ONE_SITE if shape.fullmatch(host)), host)
    place = host if port in (None, 80, 443) else f"{host}:{port}"
    if copy := _kept_copy(host, parts.path):
        return _canonical(copy)
    query = [(name.removeprefix("amp;"), value) for name, value in query]
    path = parts.path.rstrip("/")
    if post := _post(host, path, query):
        return f"{_HOME.get(place, place)}{post}"
    if host not in _POSTS and (found := _STATUS.fullmatch(path)):
        path = f"/@{(found[1] or found[2]).lower()}/{found[3]}"
    if place == host and (known := _on_many_hosts(host, path)):
        return known
    own = _TRACKING_OF.get(host, set())
    if host not in _POSTS and (found := _TOPIC.fullmatch(path)):
        number = f"/{found[3]}" if found[3] not in (None, "1") else ""
        path, own = f"{found[1]}/{found[2]}{number}", {"u"}  # who shared it
    kept = sorted(
        (name, value)
        for name, value in query
        if not _TRACKING.fullmatch(name)
        and name.lower() not in own
        and not (name == "amp" and value in ("", "1", "true"))
    )
    # A route of a one-page application stands behind the sign; a mere place on the page does not.
    fragment = f"#{written.fragment}" if written.fragment[:1] in ("!", "/") else ""
    return f"{place}{path}{'?' + urlencode(kept) if kept else ''}{fragment}"


def _kept_copy(host: str, path: str) -> str | None:
    """The page of which this is the copy that a search engine serves (AMP); the copy of a copy is none."""
    if host == "google.com" or host.endswith(".cdn.ampproject.org"):
        found = _AMP.fullmatch(path)
        return f"https://{found[1]}" if found and "ampproject.org/" not in found[1] else None
    return None


def _post(host: str, path: str, query: Query) -> str | None:
    for shape, called in _POSTS.get(host, ()):
        if found := shape.fullmatch(path):
            return called(found, dict(query))
    return None
