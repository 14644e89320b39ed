"""Java: Maven or Gradle makes an archive, and a JRE runs it."""

from __future__ import annotations

from builds.domain.detection.plan import Plan
from builds.domain.detection.writers.lines import USER, apt, arguments, cmd, copy, image_of, own_user, run

MAVEN, GRADLE = "3.9", "8.14"
_LEFT_OUT = "-name '*-sources.jar' -o -name '*-javadoc.jar' -o -name '*-plain.jar' -o -name 'original-*.jar'"
BUILD = {"maven": "mvn --batch-mode -DskipTests package", "gradle": "gradle --no-daemon build -x test"}
_OUTPUT = {"maven": "target", "gradle": "build/libs"}
_CACHE = {"maven": "/root/.m2", "gradle": "/home/gradle/.gradle"}


def write(plan: Plan) -> list[str]:
    tool = plan.tool_version or (MAVEN if plan.manager == "maven" else GRADLE)
    image = (
        image_of("maven", tool, f"-eclipse-temurin-{plan.version}")
        if plan.manager == "maven"
        else image_of("gradle", tool, f"-jdk{plan.version}")
    )
    folder = f"{plan.app}/" if plan.app else ""
    output = f"{folder}{plan.output or _OUTPUT[plan.manager]}"
    taken = (
        f"cp -r {output}/quarkus-app/. /out/ && mv /out/quarkus-run.jar /out/app.jar"
        if plan.framework == "Quarkus"
        else f"cp \"$(find {output} -maxdepth 1 -name '*.jar' ! \\( {_LEFT_OUT} \\) | sort | head -n 1)\" /out/app.jar"
    )
    return [
        f"FROM {image} AS build",
        *(["USER root"] if plan.manager == "gradle" else []),
        *apt(plan.build_packages),
        "WORKDIR /src",
        *copy(plan.files, "./"),
        *(run(plan.install, caches=[_CACHE[plan.manager]], secrets=plan.secrets) if plan.install else []),
        "COPY . .",
        *arguments(plan),
        *run(plan.build or BUILD[plan.manager], caches=[_CACHE[plan.manager]], secrets=plan.secrets),
        f"RUN mkdir /out && {taken}",
        "",
        f"FROM {image_of('eclipse-temurin', plan.version, '-jre')}",
        *apt(plan.packages),
        *own_user(),
        f"ENV PORT={plan.port} SERVER_PORT={plan.port}",
        f"COPY --from=build --chown={USER}:{USER} /out /app",
        "WORKDIR /app",
        f"USER {USER}:{USER}",
        f"EXPOSE {plan.port}",
        cmd(plan.start or "java -XX:MaxRAMPercentage=75 -jar /app/app.jar"),
    ]
