package io.alldocs.examples.programs.driver;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.RunSummary;
import io.alldocs.cache.VerifyOptions;
import io.alldocs.examples.programs.ExitCode;
import io.alldocs.examples.programs.Version;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.packument.PackumentClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows a driver of the user's own at work: fetches into it, closes it, opens it again and finds everything there. */
@Command(
        name = "custom-driver",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Fetches a few packuments into a storage driver written in this project's examples: one append-only file.")
public final class CustomDriverCommand implements Callable<Integer> {
    private static final int NAMES = 200;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "The driver's file. Default: a temporary one, deleted at the end")
    private @Nullable Path file;

    /** Made by picocli. */
    public CustomDriverCommand() {}

    @Override
    public Integer call() {
        if (file != null) {
            return show(file);
        }
        try {
            Path temporary = Files.createTempFile("all-docs", ".log");
            try {
                return show(temporary);
            } finally {
                Files.delete(temporary);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make or delete a temporary file", e);
        }
    }

    private int show(Path log) {
        PrintWriter out = spec.commandLine().getOut();
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(NAMES).start()) {
            List<String> names = registry.names();
            out.println("first:  " + fetch(log, registry.origin(), names));
            out.println("again:  " + fetch(log, registry.origin(), names));
            out.printf(
                    Locale.ROOT,
                    "%,d requests for %,d names%n",
                    registry.requests().total(),
                    names.size());
        }
        out.println(log + " holds " + contents(log));
        return ExitCode.COMPLETE;
    }

    // region use
    static RunSummary fetch(Path log, URI registry, List<String> names) {
        try (LogStorageDriver driver = LogStorageDriver.open(log);
                Cache cache = Cache.builder().driver(driver).build();
                PackumentClient client = PackumentClient.builder()
                        .cache(cache)
                        .registry(registry)
                        .build()) {
            return client.requestAll(names, RequestOptions.of(CacheMode.FORCE_CACHE), result -> {});
        }
    }
    // endregion

    private static String contents(Path log) {
        try (LogStorageDriver driver = LogStorageDriver.open(log);
                Stream<String> keys = driver.list("v1:packument:", null)) {
            boolean clean = driver.verify(VerifyOptions.dryRun()).clean();
            return keys.count() + " packuments, " + (clean ? "none of them damaged" : "some of them damaged");
        }
    }
}
