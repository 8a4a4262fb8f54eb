# The embedded media server. From the root of a clone:
#   docker build -f infra/embedded-media.Dockerfile -t manycast/embedded-media .
# No BuildKit features are used: every builder will do, and the only image that is pulled is NODE_IMAGE.
ARG NODE_IMAGE=node:20-bookworm-slim

# Manifests apart from sources: the next stages install again only when a manifest changed.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /repository
COPY . .
RUN mkdir /manifests && cp --parents -t /manifests \
  package.json package-lock.json .npmrc packages/*/package.json packages/kurento/reconnect-ws/package.json apps/*/package.json

FROM ${NODE_IMAGE} AS build
WORKDIR /manycast
ENV TURBO_TELEMETRY_DISABLED=1
COPY --from=manifests /manifests ./
# Not npm ci: docs/decisions/0001.
RUN npm install --no-save --include=dev
COPY . .
RUN npx turbo run build --filter=@manycast/embedded-media
RUN mkdir /built && cp -r --parents -t /built packages/*/dist apps/embedded-media/dist

FROM ${NODE_IMAGE} AS production
WORKDIR /manycast
COPY --from=manifests /manifests ./
# Scanners would take the lockfile's development packages for installed ones.
RUN npm install --no-save --omit=dev --workspace=apps/embedded-media && rm package-lock.json .npmrc
COPY --from=build /built ./

# What the app needs of the base: Node and the libraries that it and the packages' native code are linked with. No shell,
# no package manager.
FROM production AS bare
RUN mkdir -p /bare/usr/local/bin /bare/manycast && mkdir -m 1777 /bare/tmp \
  && cp -L "$(command -v node)" /bare/usr/local/bin/node \
  && cp -L --parents -t /bare /etc/passwd /etc/group /etc/nsswitch.conf /lib/*/libnss_*.so.2 /lib/*/libresolv.so.2 \
    $(ldd "$(command -v node)" $(find . -name '*.node') 2>/dev/null | grep -o '/[^ :]*\.so[^ :]*' | sort -u)

FROM scratch
LABEL org.opencontainers.image.title="manycast embedded-media" org.opencontainers.image.licenses="Apache-2.0"
# In a container the loopback interface would be of no use to anybody.
ENV PATH=/usr/local/bin NODE_ENV=production MANYCAST_HOST=0.0.0.0
WORKDIR /manycast
COPY --from=bare /bare /
COPY --from=production /manycast ./
# A number, not a name: Kubernetes cannot prove of a name that it is not root.
USER 1000:1000
EXPOSE 8888
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "-e", "fetch(`http://${process.env.MANYCAST_HOST}:${process.env.MANYCAST_PORT || 8888}/livez`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/embedded-media/dist/main.js"]
