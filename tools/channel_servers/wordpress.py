"""WordPress on PHP's own server, with SQLite."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.channel_servers import install, processes

BUILDS = Path("node_modules/@wp-playground/wordpress-builds/src")
CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', ''); define('DB_PASSWORD', ''); define('DB_HOST', '');
define('DB_DIR', getenv('WP_DB_DIR')); define('DB_FILE', 'wordpress.sqlite');
define('WP_HOME', getenv('WP_URL')); define('WP_SITEURL', getenv('WP_URL'));
define('WP_ENVIRONMENT_TYPE', 'local'); define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true); define('UPLOADS', getenv('WP_UPLOADS'));
foreach (['AUTH','SECURE_AUTH','LOGGED_IN','NONCE'] as $name) {
  define($name . '_KEY', getenv('WP_SALT')); define($name . '_SALT', getenv('WP_SALT') . $name);
}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""
PLUGINS = """<?php
/* What plugins of a newsroom do to a text before a reader gets it: shortcodes (Contact Form 7, WPForms, WooCommerce, Elementor,
   Shortcodes Ultimate, Yoast), a second pass over them, placeholders, links of hashtags and names, buttons for sharing. */
foreach (['contact-form-7', 'wpforms', 'products', 'elementor-template', 'su_box', 'button', 'nom', 'date', 'toc'] as $name) {
  add_shortcode($name, fn() => 'SHORTCODE');
}
add_filter('the_content', fn($text) => strtr($text, ['{{nom}}' => 'Ana', '%%sitename%%' => get_bloginfo('name')]), 5);
add_filter('the_title', fn($text) => strtr($text, ['{{nom}}' => 'Ana', '%%sitename%%' => get_bloginfo('name')]), 5);
add_filter('the_content', fn($text) => preg_replace('~(?<=\\s|>)(#\\w+)~u', '<a href="/?s=$1">Tag</a>', $text), 15);
add_filter('the_content', 'do_shortcode', 20);
add_filter('the_content', fn($text) => $text . '<p class="sharing">Share this</p>', 30);
"""
SETUP = """<?php
define('WP_INSTALLING', true); $_SERVER['HTTP_HOST'] = '127.0.0.1';
require getenv('WP_DIR') . '/wp-load.php'; require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Newsroom', 'newsroom', 'newsroom@example.test', true, '', getenv('WP_SALT'));
list($password) = WP_Application_Passwords::create_new_application_password(1, ['name' => 'sangfroid']);
fwrite(STDOUT, "PASSWORD=" . $password . "\\n");
"""


@dataclass(frozen=True)
class WordPressServer:
    """A site, its user, and the database and the uploaded files, which an independent client may read."""

    port: int
    username: str
    application_password: str
    database: Path
    uploads: Path


@contextmanager
def running(home: Path) -> Iterator[WordPressServer]:
    """A fresh site whose files stand in `home`."""
    site, port, salt = _site(), processes.free_port(), secrets.token_hex(24)
    database = home / "database"
    database.mkdir(parents=True)
    env = {
        "WP_DIR": str(site), "WP_DB_DIR": f"{database}/", "WP_URL": f"http://127.0.0.1:{port}", "WP_SALT": salt,
        "PHP_CLI_SERVER_WORKERS": "3", "WP_UPLOADS": f"wp-content/uploads-{port}",
    }  # fmt: skip
    uploads = site / env["WP_UPLOADS"]  # they are served from there, so they cannot stand in `home`
    setup = home / "setup.php"
    setup.write_text(SETUP)
    done = subprocess.run(  # noqa: S603
        ["/usr/bin/php", str(setup)],
        env={"PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    password = next((line[9:] for line in done.stdout.splitlines() if line.startswith("PASSWORD=")), None)
    if password is None:
        raise processes.NotStarted(f"WordPress was not set up: {done.stdout[-1000:]} {done.stderr[-1000:]}")
    command = ["php", "-S", f"127.0.0.1:{port}", "-t", site]
    ready = processes.answers(f"http://127.0.0.1:{port}/?rest_route=/")
    try:
        with processes.process(command, home / "wordpress.log", ready, env=env):
            yield WordPressServer(port, "newsroom", password, database / "wordpress.sqlite", uploads)
    finally:
        shutil.rmtree(uploads, ignore_errors=True)


def _site() -> Path:
    """The unpacked files, shared by every run: what differs stands in the environment."""
    place = install.node()
    site = place / "wordpress"
    if not (site / ".made").exists():
        shutil.rmtree(site, ignore_errors=True)
        with zipfile.ZipFile(place / BUILDS / "wordpress" / "wp-6.5.zip") as packed:
            packed.extractall(site)
        plugins = site / "wp-content" / "plugins"
        with zipfile.ZipFile(
            place / BUILDS / "sqlite-database-integration" / "sqlite-database-integration.zip"
        ) as packed:
            packed.extractall(plugins)
        plugin = plugins / "sqlite-database-integration"
        (plugins / "sqlite-database-integration-main").rename(plugin)
        shutil.copy(plugin / "db.copy", site / "wp-content" / "db.php")
        shutil.rmtree(site / "wp-content" / "database", ignore_errors=True)
        (site / ".made").touch()
    plugins = site / "wp-content" / "mu-plugins" / "newsroom.php"
    if not plugins.exists() or plugins.read_text() != PLUGINS:
        plugins.parent.mkdir(exist_ok=True)
        plugins.write_text(PLUGINS)
    if not (site / "wp-config.php").exists() or (site / "wp-config.php").read_text() != CONFIG:
        (site / "wp-config.php").write_text(CONFIG)
    return site
