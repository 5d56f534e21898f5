# infra-scale for CI systems that run images. Everything is fetched while the image is built; a run needs no network:
#   docker run --rm --network none --user "$(id -u):$(id -g)" --volume "$PWD:/repository" infra-scale compile --check
ARG PYTHON=python:3.13-slim
# To hold the base still as well, build with --build-arg PYTHON=python:3.13-slim@sha256:<digest>

FROM ${PYTHON} AS build
WORKDIR /source
COPY locks/github.txt locks/build.txt locks/
# Wheels only, each by its hash, as in the Makefile.
RUN python -m venv /build \
    && /build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r locks/build.txt \
    && python -m venv /infra-scale \
    && /infra-scale/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r locks/github.txt
COPY pyproject.toml README.md LICENSE ./
COPY compiler compiler
COPY schemas schemas
RUN /build/bin/hatchling build -t wheel -d /wheel \
    && /infra-scale/bin/pip install --no-cache-dir --no-index --no-deps /wheel/*.whl \
    && /infra-scale/bin/python -m pip uninstall --yes pip

FROM ${PYTHON}
# git: staged files, snapshots' ages and `diff` are read through it. The repository is a volume of another user.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory /repository \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin infra-scale
COPY --from=build /infra-scale /infra-scale
ENV PATH=/infra-scale/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /repository
ENTRYPOINT ["infra-scale"]
CMD ["--help"]
