"""One address a post (P4), and nothing that may choose a page is dropped (P5)."""

import pytest

from sangfroid.text.addresses import canonical_address

OF_THE_SITE = """
source  ref  src  sh  share  si  s  t  feature  from  page  referrer
spm  ref_id  id  via  channel  campaign  cmpid  ocid  lang  share_id  trk  utm
"""
SAME = {
    "stack overflow": [
        "https://stackoverflow.com/questions/77001/why-is-nuage-down",
        "https://stackoverflow.com/questions/77001/another-title",
        "https://stackoverflow.com/questions/77001",
        "https://stackoverflow.com/q/77001/42",
        "https://stackoverflow.com/questions/77001/why?answertab=votes#tab-top",
    ],
    "stack overflow, an answer": [
        "https://stackoverflow.com/questions/77001/why-is-nuage-down/77009#77009",
        "https://stackoverflow.com/a/77009",
        "https://stackoverflow.com/a/77009/42",
    ],
    "stack overflow, another question": ["https://stackoverflow.com/q/77002"],
    "stack overflow in another language": ["https://pt.stackoverflow.com/q/77001"],
    "stack overflow, questions of a word": ["https://stackoverflow.com/questions/tagged/nuage"],
    "stack exchange": [
        "https://security.stackexchange.com/q/77001",
        "https://security.stackexchange.com/questions/77001/is-it-safe",
    ],
    "an author on medium": ["https://lea.medium.com/panne-0a1b2c3d4eaa", "https://medium.com/p/0a1b2c3d4eaa"],
    "the pages of two authors, one": ["https://lea.medium.com/"],
    "the pages of two authors, the other": ["https://ana.medium.com/"],
    "help of medium": ["https://help.medium.com/hc/articles/a-0a1b2c3d4eaa"],
    "app store": [
        "https://apps.apple.com/fr/app/nuage/id123456",
        "https://apps.apple.com/fr/app/id123456?l=en",
        "https://itunes.apple.com/fr/app/nuage-2/id123456?mt=8",
    ],
    "app store, the opinions of another country": ["https://apps.apple.com/us/app/nuage/id123456"],
    "fb.watch": [
        "https://fb.watch/abC1/",
        "https://fb.watch/abC1?mibextid=N",
        "https://www.fb.watch/abC1/?v=2",
    ],
    "fb.watch, letters of another case": ["https://fb.watch/ABC1/"],
    "trustpilot": [
        "https://www.trustpilot.com/reviews/65f1",
        "https://fr.trustpilot.com/reviews/65f1",
        "https://uk.trustpilot.com/reviews/65f1?utm_source=x",
    ],
    "trustpilot, a company": [
        "https://fr.trustpilot.com/review/nuage.fr",
        "https://www.trustpilot.com/review/www.nuage.fr",
        "https://fr-be.trustpilot.com/review/nuage.fr?page=1",
    ],
    "trustpilot, its second page": ["https://fr.trustpilot.com/review/nuage.fr?page=2"],
    "discourse": [
        "https://forum.nuage.example/t/panne-depuis-hier/1234",
        "https://forum.nuage.example/t/autre-titre/1234/",
        "https://forum.nuage.example/t/1234",
        "https://forum.nuage.example/t/-/1234/1",
        "https://forum.nuage.example/t/panne/1234?u=lea",
    ],
    "discourse, a post": [
        "https://forum.nuage.example/t/panne/1234/5",
        "https://forum.nuage.example/t/1234/5?u=lea",
        "https://forum.nuage.example/t/autre/1234/5",
    ],
    "discourse, another topic": ["https://forum.nuage.example/t/panne/1235"],
    "discourse in a folder": [
        "https://nuage.example/forum/t/panne/1234",
        "https://nuage.example/forum/t/1234",
    ],
    "x as others serve it": [
        "https://nitter.poast.org/Lea/status/99",
        "https://xcancel.com/Lea/status/99",
        "https://x.com/a/status/99",
    ],
    "a photo on facebook": [
        "https://www.facebook.com/photo.php?fbid=12&set=a.1",
        "https://m.facebook.com/photo/?fbid=12",
        "https://facebook.com/nuage/photos/a.1/12/",
    ],
    "linkedin, encoded": [
        "https://www.linkedin.com/feed/update/urn%3Ali%3Aactivity%3A7199",
        "https://www.linkedin.com/posts/lea_x-activity-7199-AbC",
    ],
    "tripadvisor": [
        "https://www.tripadvisor.fr/ShowUserReviews-g1-d1-r9-Hotel.html",
        "https://www.tripadvisor.co.uk/ShowUserReviews-g1-d1-r9-Hotel.html",
    ],
    "medium": ["https://medium.com/p/0a1b2c3d4e5f", "https://medium.com/@lea/mon-titre-0a1b2c3d4e5f"],
    "mastodon, in columns": [
        "https://mastodon.example/deck/@lea/109876543210123456",
        "https://mastodon.example/@lea/109876543210123456",
    ],
    "x": [
        "https://x.com/Lea/status/12",
        "https://twitter.com/Lea/status/12",
        "https://x.com/i/web/status/12",
        "https://x.com/i/status/12",
        "https://x.com/lea/status/12/photo/1",
        "https://mobile.twitter.com/Lea/statuses/12?s=20&t=a",
        "http://www.twitter.com/Lea/status/12/",
        "https://x.com/Lea/status/12#m",
        "https://twitter.com/Lea/status/12?ref_src=twsrc%5Etfw",
        "https://vxtwitter.com/Lea/status/12",
    ],
    "x other": ["https://x.com/Lea/status/13"],
    "youtube": [
        "https://www.youtube.com/watch?v=aB-_1",
        "https://youtu.be/aB-_1",
        "https://youtube.com/shorts/aB-_1",
        "https://m.youtube.com/watch?v=aB-_1&t=12s",
        "https://www.youtube.com/live/aB-_1?si=x",
        "https://www.youtube-nocookie.com/embed/aB-_1",
        "https://youtu.be/aB-_1?t=4&si=y",
        "https://www.youtube.com/watch?feature=share&v=aB-_1&list=PL1&index=3",
        "https://music.youtube.com/watch?v=aB-_1",
    ],
    "youtube, letters of another case": ["https://youtu.be/Ab-_1"],
    "a comment beneath the video": ["https://www.youtube.com/watch?v=aB-_1&lc=Ugx"],
    "accents": [
        "https://blog.example/caf%c3%a9",
        "https://blog.example/caf%C3%A9",
        "https://blog.example/café",
        "https://blog.example/cafe\u0301",
        "http://www.blog.example/café/",
        "https://blog.example:443/./caf%C3%A9",
    ],
    "punycode": [
        "https://münchen.example/%7Ea?x=%C3%A9",
        "https://xn--mnchen-3ya.example/~a?x=é",
        "https://MÜNCHEN.example/~a?x=é#la",
    ],
    "reddit": [
        "https://www.reddit.com/r/nuage/comments/1AbC/panne_totale/",
        "https://reddit.com/r/nuage/comments/1abc",
        "https://old.reddit.com/r/nuage/comments/1abc/autre",
        "https://redd.it/1abc",
        "https://www.reddit.com/comments/1abc?utm_source=share&utm_medium=web3x&share_id=x",
        "https://www.reddit.com/r/Nuage/comments/1abc/panne_totale/?rdt=1",
    ],
    "a comment on reddit": [
        "https://www.reddit.com/r/nuage/comments/1abc/panne_totale/k9z/",
        "https://old.reddit.com/r/nuage/comments/1abc/x/k9z",
    ],
    "discord": [
        "https://discord.com/channels/1/2/3",
        "https://discordapp.com/channels/1/2/3",
        "https://ptb.discord.com/channels/1/2/3",
    ],
    "copies of search engines": [
        "https://www.lejournal.example/a/b.html",
        "https://www.google.com/amp/s/www.lejournal.example/a/b.html",
        "https://www-lejournal-example.cdn.ampproject.org/c/s/www.lejournal.example/a/b.html",
        "https://www-lejournal-example.cdn.ampproject.org/v/s/www.lejournal.example/a/b.html?amp_js_v=0.1",
    ],
    "tiktok": [
        "https://www.tiktok.com/@lea/video/73?is_from_webapp=1&sender_device=pc",
        "https://tiktok.com/@lea/video/73",
        "https://m.tiktok.com/v/73.html",
        "https://www.tiktok.com/@lea/video/73?q=nuage&t=1",
        "https://www.tiktok.com/embed/v2/73",
    ],
    "instagram": [
        "https://www.instagram.com/p/Cx_1/?igsh=a",
        "https://instagram.com/reel/Cx_1/",
        "https://www.instagram.com/lea/p/Cx_1",
        "https://www.instagram.com/p/Cx_1/?img_index=2",
    ],
    "facebook": [
        "https://www.facebook.com/nuage/posts/pfbid02",
        "https://m.facebook.com/nuage/posts/pfbid02?mibextid=1",
        "https://fb.com/nuage/posts/un-titre/pfbid02/",
    ],
    "facebook's older form": [
        "https://m.facebook.com/story.php?story_fbid=7&id=9&ref=x",
        "https://www.facebook.com/permalink.php?id=9&story_fbid=7",
        "https://facebook.com/9/posts/7",
    ],
    "facebook group": [
        "https://www.facebook.com/groups/nuage/permalink/7/",
        "https://www.facebook.com/groups/nuage/posts/7?__tn__=R",
    ],
    "linkedin": [
        "https://www.linkedin.com/feed/update/urn:li:activity:71/",
        "https://www.linkedin.com/posts/lea_panne-activity-71-aBc1?utm_source=share",
        "https://fr.linkedin.com/posts/lea_une-autre-activity-71-xyz",
        "https://www.linkedin.com/embed/feed/update/urn:li:activity:71",
    ],
    "telegram": ["https://t.me/nuage/12", "https://t.me/s/Nuage/12", "https://telegram.me/nuage/12?single"],
    "bluesky": [
        "https://bsky.app/profile/Lea.bsky.social/post/3k",
        "https://bsky.app/profile/lea.bsky.social/post/3k/liked-by",
    ],
    "mastodon": [
        "https://piaille.example/@lea/112233445566",
        "https://piaille.example/users/lea/statuses/112233445566",
        "https://piaille.example/web/@lea/112233445566",
    ],
    "wikipedia": [
        "https://fr.wikipedia.org/wiki/Nuage_(informatique)",
        "https://fr.m.wikipedia.org/wiki/Nuage_(informatique)",
    ],
    "trackers": [
        "https://news.example/a?id=4",
        "https://news.example/a?utm_source=x&id=4&fbclid=1",
        "https://news.example/a?id=4&gclid=1&mc_eid=2&xtor=RSS-1&at_medium=mail",
        "https://news.example/a?UTM_Campaign=1&id=4&_hsenc=1&igsh=1&msclkid=1",
        "https://news.example/a?id=4&amp;utm_medium=mail",
        "https://news.example/a?id=4#:~:text=panne",
    ],
    **{
        f"{name}={value}": [f"https://forum.example/t?{name}={value}"]
        for name in OF_THE_SITE.split()
        for value in (12, 13)
    },
    "route": ["https://app.example/#/a"],
    "other route": ["https://app.example/#/b"],
    "port": ["https://news.example:8443/a"],
    "a slash that is written": ["https://news.example/a%2Fb"],
    "a slash": ["https://news.example/a/b"],
    "capitals in the path": ["https://news.example/A"],
}


def test_one_address_a_post() -> None:
    found = {kind: {canonical_address(url) for url in urls} for kind, urls in SAME.items()}
    assert {kind: many for kind, many in found.items() if len(many) > 1} == {}
    assert len(set.union(*found.values())) == len(SAME), "and other posts have other addresses"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not an address",
        "http://[::1",
        "https://a.example:99999999/x",
        "mailto:a@b.example",
        "javascript:alert(1)",
        "http://",
        "https://" + "é" * 500 + ".example/",
        "https://a..example/x",
        "https://a.example/\ud800",
        "https://xn--/x",
        "https://a.example/" + "x" * 3_000,
    ],
)
def test_what_is_no_address_is_left(url: str) -> None:
    assert isinstance(canonical_address(url), str)
