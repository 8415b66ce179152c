package io.alldocs.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The package managers of {@code src/test/js}. Each runs in an empty environment with one registry. Requires Node. */
enum NpmClient {
    NPM("npm/bin/npm-cli.js", "package-lock.json"),
    PNPM("pnpm/bin/pnpm.cjs", "pnpm-lock.yaml"),
    YARN_CLASSIC("yarn/bin/yarn.js", "yarn.lock"),
    YARN_BERRY("@yarnpkg/cli-dist/bin/yarn.js", "yarn.lock"),
    BUN("bun/bin/bun.exe", "bun.lock");

    private static final long PATIENCE_SECONDS = 120;

    private final String program;
    private final String lockfile;

    NpmClient(String program, String lockfile) {
        this.program = program;
        this.lockfile = lockfile;
    }

    /** The exit code of a client and its output on both streams. */
    record Run(int exitCode, String printed) {}

    /**
     * Installs the dependencies of a project.
     *
     * @param home folder for the client's caches
     * @param registry registry without a trailing slash
     * @param options additional options of the client
     */
    Run install(Path project, Path home, String registry, String... options) throws IOException, InterruptedException {
        Files.createDirectories(home);
        if (this == YARN_BERRY) {
            Files.writeString(project.resolve(".yarnrc.yml"), """
                    npmRegistryServer: "%s"
                    unsafeHttpWhitelist: ["127.0.0.1"]
                    nodeLinker: node-modules
                    enableGlobalCache: false
                    enableTelemetry: false
                    enableImmutableInstalls: false
                    enableScripts: false
                    httpRetry: 0
                    npmMinimalAgeGate: 0
                    """.formatted(registry));
        }
        List<String> words = new ArrayList<>(
                switch (this) {
                    case NPM -> List.of("install", "--ignore-scripts");
                    case PNPM -> List.of("install", "--ignore-scripts", "--config.fetch-retries=0");
                    case YARN_CLASSIC ->
                        List.of("install", "--ignore-scripts", "--non-interactive", "--network-timeout=20000");
                    case YARN_BERRY -> List.of("install");
                    case BUN -> List.of("install", "--ignore-scripts", "--no-progress");
                });
        words.addAll(Arrays.asList(options));
        return run(project, home, registry, words);
    }

    /**
     * Requests advisories for the packages that are installed in a project. Yarn classic always sends the request to
     * its own registry, even if another one is configured.
     */
    Run audit(Path project, Path home, String registry) throws IOException, InterruptedException {
        return run(project, home, registry, this == YARN_BERRY ? List.of("npm", "audit") : List.of("audit"));
    }

    private Run run(Path project, Path home, String registry, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(this == BUN ? List.of() : List.of("node"));
        words.add(modules().resolve(program).toString());
        words.addAll(arguments);
        Path out = Files.createTempFile(home, "out", ".txt");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        String path = builder.environment().get("PATH");
        builder.environment().clear();
        builder.environment().putAll(environment(home, registry));
        builder.environment().put("PATH", path);
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(this + " did not end: " + Files.readString(out));
        }
        return new Run(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
    }

    /**
     * Makes the client's cached packuments stale without waiting. Only Bun needs this. Bun does not request a packument
     * again for five minutes, even if the registry's cache headers require it. It stores the end of this time (seconds
     * since 1970, in four bytes) in each cached copy that it has not revalidated since.
     */
    void letPackumentsGoStale(Path home) throws IOException {
        Path copies = home.resolve("bun-cache");
        if (this != BUN || !Files.isDirectory(copies)) {
            return;
        }
        long now = System.currentTimeMillis() / 1_000;
        try (Stream<Path> files = Files.list(copies)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".npm")).toList()) {
                ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
                int ends = 0;
                for (int at = 0; at <= bytes.limit() - Integer.BYTES; at++) {
                    long end = Integer.toUnsignedLong(bytes.getInt(at));
                    if (end > now && end <= now + 300) {
                        bytes.putInt(at, (int) (now - 1));
                        ends++;
                    }
                }
                if (ends > 1) {
                    throw new IOException(file + " holds " + ends + " times that may be the end of its freshness");
                }
                Files.write(file, bytes.array());
            }
        }
    }

    static Path modules() {
        return Path.of(System.getProperty("interop.directory"), "node_modules");
    }

    private static Map<String, String> environment(Path home, String registry) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("HOME", home.toString());
        environment.put("CI", "true");
        environment.put("NO_COLOR", "1");
        environment.put("npm_config_registry", registry + "/");
        environment.put("npm_config_cache", home.resolve("npm-cache").toString());
        environment.put("npm_config_userconfig", home.resolve("userconfig").toString());
        environment.put("npm_config_globalconfig", home.resolve("globalconfig").toString());
        environment.put("XDG_CACHE_HOME", home.resolve("cache").toString());
        environment.put("XDG_DATA_HOME", home.resolve("data").toString());
        environment.put("XDG_STATE_HOME", home.resolve("state").toString());
        environment.put("npm_config_update_notifier", "false");
        environment.put("npm_config_audit", "false");
        environment.put("npm_config_fund", "false");
        environment.put("npm_config_fetch_retries", "0");
        environment.put("YARN_REGISTRY", registry + "/");
        environment.put("YARN_CACHE_FOLDER", home.resolve("yarn-cache").toString());
        environment.put("YARN_GLOBAL_FOLDER", home.resolve("yarn-global").toString());
        environment.put("YARN_IGNORE_PATH", "1");
        environment.put("BUN_INSTALL_CACHE_DIR", home.resolve("bun-cache").toString());
        environment.put("BUN_CONFIG_REGISTRY", registry + "/");
        return environment;
    }

    /** Returns the name of the client's lockfile. */
    String lockfile() {
        return lockfile;
    }

    /**
     * Returns the version of a package that is installed in a project. Each client installs packages in another place.
     */
    Optional<String> installed(Path project, String name) throws IOException {
        Path modules = project.resolve("node_modules");
        if (!Files.isDirectory(modules)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(modules)) {
            return files.filter(file -> file.endsWith(Path.of(name, "package.json")))
                    .map(NpmClient::version)
                    .findFirst();
        }
    }

    private static String version(Path manifest) {
        try {
            return Files.readString(manifest).replaceAll("(?s).*\"version\":\\s*\"([^\"]+)\".*", "$1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
