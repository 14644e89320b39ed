"""PHP behind Apache, in PHP's own image, without root."""

from __future__ import annotations

from builds.domain.detection.plan import Plan
from builds.domain.detection.writers.lines import apt, arguments, cmd, copy, image_of, run

COMPOSER = "composer:2.8"
USER = 33
"""www-data in Debian, which PHP's image is made of."""
INSTALL = "composer install --no-dev --no-interaction --no-progress --prefer-dist --optimize-autoloader --no-scripts"


def write(plan: Plan) -> list[str]:
    root = f"/var/www/html/{plan.document_root}" if plan.document_root else "/var/www/html"
    lines = [f"FROM {image_of('php', plan.version, '-apache')}"]
    lines += apt((*plan.packages, *plan.build_packages))
    if plan.extensions:
        lines += [f"RUN docker-php-ext-install {' '.join(sorted(set(plan.extensions)))}"]
    lines += [
        f"ENV PORT={plan.port} APACHE_DOCUMENT_ROOT={root} COMPOSER_ALLOW_SUPERUSER=1",
        f"RUN sed -ri -e 's!^Listen .*!Listen {plan.port}!' /etc/apache2/ports.conf \\\n"
        f"    && sed -ri -e 's!/var/www/html!{root}!g' -e 's!:80>!:{plan.port}>!' \\\n"
        "        /etc/apache2/sites-available/*.conf \\\n"
        '    && a2enmod rewrite && mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"',
        "WORKDIR /var/www/html",
    ]
    if plan.manager == "composer":
        lines += [f"COPY --from={COMPOSER} /usr/bin/composer /usr/local/bin/composer"]
        lines += copy(plan.files, "./") if plan.files else ["COPY . ."]
        lines += run(plan.install or INSTALL, caches=["/root/.composer/cache"], secrets=plan.secrets)
    if plan.files or plan.manager != "composer":
        lines += ["COPY . ."]
    lines += arguments(plan)
    lines += run(plan.build, secrets=plan.secrets) if plan.build else []
    return [
        *lines,
        f"RUN chown -R {USER}:{USER} /var/www/html /var/run/apache2 /var/lock/apache2 /var/log/apache2",
        f"USER {USER}:{USER}",
        f"EXPOSE {plan.port}",
        cmd(plan.start or "apache2-foreground"),
    ]
