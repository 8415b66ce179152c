package io.alldocs.cli;

import io.alldocs.Env;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs {@link QuickStart}. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Fetches a few names and one packument from a small registry in this process, or from npm.")
final class QuickStartCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--npm",
            description = "Use the npm registry, and store the responses in CACHE_DIR (default ./all-docs-cache).")
    private boolean npm;

    QuickStartCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        if (npm) {
            Map<String, String> values = new HashMap<>(environment);
            values.putIfAbsent("CACHE_DIR", "./all-docs-cache");
            QuickStart.run(Environment.of(values), spec.commandLine().getOut());
            return ExitCode.COMPLETE;
        }
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names("express", "express-ajax", "express-async", "express-babel", "fastify")
                .start()) {
            QuickStart.run(environmentOf(registry), spec.commandLine().getOut());
            return ExitCode.COMPLETE;
        }
    }

    private Env environmentOf(EmbeddedRegistry registry) {
        Map<String, String> values = new HashMap<>(environment);
        values.put("NPM_ORIGIN", registry.origin().toString());
        values.put("NPM_REGISTRY", registry.origin().toString());
        values.put("STORAGE_DRIVER", "memory");
        return Environment.of(values);
    }
}
