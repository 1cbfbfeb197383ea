# docker build -t secret-rotation-worker .                       the worker
# docker build -t secret-rotation-sandbox --target sandbox .     the stand-ins for the vendors and for Secrets Manager
#
# Plain instructions only: `npm run test:image` performs them where no engine runs (test/image), and refuses any that it does not know.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
COPY jobs ./jobs
COPY test ./test
RUN npm run build

FROM ${NODE_IMAGE} AS production
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

# No shell and no npm between the engine and node, so that SIGTERM reaches it. Nothing is written: the root may be read-only.
FROM ${NODE_IMAGE} AS base
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production /app/node_modules ./node_modules
COPY package.json ./
COPY --from=build /app/dist/src ./dist/src
USER 1000:1000

FROM base AS sandbox
COPY --from=build /app/dist/test/sandbox ./dist/test/sandbox
ENV SANDBOX_PORTS="4101 4102 4103 4104 4105"
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 CMD ["node", "dist/test/sandbox/health-check.js"]
CMD ["node", "dist/test/sandbox/main.js"]

FROM base AS worker
COPY --from=build /app/dist/jobs ./dist/jobs
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "dist/src/admin/health-check.js"]
CMD ["node", "dist/jobs/worker.js"]
