package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The clients that packages are installed with, each in a project of its own with nothing in its surroundings but a registry. */
enum NpmClients {
    NPM {
        @Override
        List<String> install(Path project, String registry) {
            return List.of(bin("npm"), "install", "--ignore-scripts");
        }
    },
    PNPM {
        @Override
        List<String> install(Path project, String registry) {
            return List.of(bin("pnpm"), "install", "--ignore-scripts", "--no-frozen-lockfile");
        }
    },
    YARN_CLASSIC {
        @Override
        List<String> install(Path project, String registry) {
            return List.of(
                    "node",
                    module("yarn/bin/yarn.js"),
                    "install",
                    "--ignore-scripts",
                    "--non-interactive",
                    "--cache-folder=" + project.resolve("yarn-cache"),
                    "--registry=" + registry);
        }
    },
    YARN_BERRY {
        @Override
        List<String> install(Path project, String registry) throws IOException {
            Files.writeString(
                    project.resolve(".yarnrc.yml"),
                    String.join(
                            "\n",
                            "npmRegistryServer: \"" + registry + "\"",
                            "unsafeHttpWhitelist: [\"127.0.0.1\"]",
                            "nodeLinker: node-modules",
                            "enableGlobalCache: false",
                            "enableTelemetry: false",
                            "enableScripts: false",
                            "enableImmutableInstalls: false",
                            "httpRetry: 0",
                            ""));
            if (!Files.exists(project.resolve("yarn.lock"))) {
                Files.writeString(project.resolve("yarn.lock"), "");
            }
            return List.of("node", module("@yarnpkg/cli-dist/bin/yarn.js"), "install");
        }
    },
    BUN {
        @Override
        List<String> install(Path project, String registry) throws IOException {
            Files.writeString(project.resolve("bunfig.toml"), "[install]\nregistry = \"" + registry + "\"\n");
            return List.of(bin("bun"), "install", "--ignore-scripts");
        }
    };

    /** What a client printed and how it ended. */
    record Result(int exitCode, String printed) {}

    /** The command that installs what the project's {@code package.json} names. */
    abstract List<String> install(Path project, String registry) throws IOException;

    /** Makes a project that depends on {@code dependencies}. */
    static Path project(Path folder, Map<String, String> dependencies) throws IOException {
        Files.createDirectories(folder);
        List<String> lines = new ArrayList<>();
        dependencies.forEach((name, range) -> lines.add("\"" + name + "\":\"" + range + "\""));
        Files.writeString(
                folder.resolve("package.json"),
                "{\"name\":\"project\",\"version\":\"1.0.0\",\"private\":true,\"dependencies\":{"
                        + String.join(",", lines) + "}}");
        return folder;
    }

    /** Installs the project in {@code project}. */
    Result run(Path project, String registry) throws Exception {
        return run(project, registry, install(project, registry));
    }

    /** The command that asks for advisories on what is installed. */
    List<String> audit() {
        return switch (this) {
            case NPM -> List.of(bin("npm"), "audit");
            case PNPM -> List.of(bin("pnpm"), "audit");
            case YARN_CLASSIC -> throw new IllegalStateException("It asks its own registry alone");
            case YARN_BERRY -> List.of("node", module("@yarnpkg/cli-dist/bin/yarn.js"), "npm", "audit");
            case BUN -> List.of(bin("bun"), "audit");
        };
    }

    static Result run(Path project, String registry, List<String> command) throws Exception {
        Path printed = project.resolve("printed.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        Map<String, String> environment = builder.environment();
        String path = environment.get("PATH");
        environment.clear();
        environment.put("PATH", path);
        environment.put("HOME", project.toString());
        environment.put("CI", "true");
        environment.put("BUN_INSTALL_CACHE_DIR", project.resolve("bun-cache").toString());
        environment.putAll(Map.of(
                "npm_config_registry",
                registry,
                "npm_config_cache",
                project.resolve("npm-cache").toString(),
                "npm_config_store_dir",
                project.resolve("pnpm-store").toString(),
                "npm_config_userconfig",
                project.resolve("userconfig").toString(),
                "npm_config_globalconfig",
                project.resolve("globalconfig").toString(),
                "npm_config_update_notifier",
                "false",
                "npm_config_audit",
                "false",
                "npm_config_fund",
                "false",
                "npm_config_fetch_retries",
                "0"));
        Process process = builder.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS))
                .as(String.join(" ", command))
                .isTrue();
        return new Result(process.exitValue(), Files.readString(printed));
    }

    private static String bin(String name) {
        return module(".bin/" + name);
    }

    private static String module(String path) {
        return Path.of(System.getProperty("interop.directory"), "node_modules")
                .resolve(path)
                .toString();
    }
}
