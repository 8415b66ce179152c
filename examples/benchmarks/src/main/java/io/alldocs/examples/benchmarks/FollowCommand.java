package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cli.ExitCode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Fault;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Follows a registry that changes constantly and whose packuments lag behind its feed. Starts a new epoch of the feed
 * halfway. Compares the cache with the origin when the changes have ended and the follower reports no lag.
 */
@Command(
        name = "follow",
        description =
                "Follows a registry that changes, with a new epoch in the middle, and compares the cache with it.")
final class FollowCommand implements Callable<Integer> {
    private static final int CONCURRENCY = 16;
    private static final double STALE = 0.01;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Pattern ADDRESS = Pattern.compile("(http://127\\.0\\.0\\.1:\\d+)/metrics");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--seconds", defaultValue = "60", description = "Time of changes (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--changes", defaultValue = "100", description = "Changes a second (default: ${DEFAULT-VALUE}).")
    private double changes;

    @Option(
            names = "--names",
            defaultValue = "5000",
            description = "Names at the beginning (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(names = "--driver", defaultValue = "sqlite", description = "Storage driver (default: ${DEFAULT-VALUE}).")
    private String driver = "sqlite";

    @Option(names = "--work-dir", required = true, description = "Folder of the cache.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final HttpClient http = HttpClient.newHttpClient();
    private long mostRows;
    private double mostSeconds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(workDir.resolve("follow"));
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(names).start();
                BootstrapProcess follower = BootstrapProcess.start(
                        List.of(
                                "follow",
                                "--metrics-port",
                                "0",
                                "--interval",
                                "0.5",
                                "--max-interval",
                                "2",
                                "--walk-every",
                                "0.003"),
                        registry.origin(),
                        folder,
                        driver,
                        CONCURRENCY)) {
            URI health = awaitAddress(follower).resolve("/health");
            await(follower, health, status -> status.path("state").asText().equals("following"));
            registry.faults().set(Fault.stale(STALE));
            registry.churn(changes);
            watch(follower, health, seconds / 2);
            registry.resetSequence();
            watch(follower, health, seconds - seconds / 2);
            await(follower, health, status -> status.path("resets").asInt() > 0);
            registry.churn(0);
            registry.faults().clear();
            long ended = System.nanoTime();
            JsonNode last = await(follower, health, status -> isCurrent(status, registry.updateSeq()));
            double caughtUp = (System.nanoTime() - ended) / 1e9;
            await(follower, health, status -> status.path("stalePartitions").asInt() == 0);
            int code = follower.interrupt();
            Comparison comparison = Comparison.of(registry, folder, driver);
            boolean held = code == ExitCode.COMPLETE
                    && comparison.equal()
                    && last.path("changes").asLong() > 0;
            report(held, last, caughtUp, comparison);
            return held ? 0 : 1;
        }
    }

    private void report(boolean held, JsonNode last, double caughtUp, Comparison comparison) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "follow: %s, %d changes read at %.0f a second for %d s, %d epochs; most behind %d changes, %.1f s;"
                        + " current %.1f s after the last change; %d names, %d lost, %d wrong, %s%n",
                held ? "passed" : "FAILED",
                last.path("changes").asLong(),
                changes,
                seconds,
                last.path("resets").asLong(),
                mostRows,
                mostSeconds,
                caughtUp,
                comparison.names(),
                comparison.lost(),
                comparison.wrong(),
                comparison.invalid() ? "INVALID" : "valid");
    }

    private static boolean isCurrent(JsonNode status, long sequence) {
        return status.path("sequence").asLong() >= sequence
                && status.path("lagSequences").asLong(-1) == 0
                && status.path("owed").asInt(-1) == 0;
    }

    /** Checks ten times a second how far the follower lags behind. */
    private void watch(BootstrapProcess follower, URI health, int length) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(length);
        while (System.nanoTime() < end) {
            requireAlive(follower, 100);
            JsonNode status = get(health);
            mostRows = Math.max(mostRows, status.path("lagRows").asLong());
            mostSeconds = Math.max(mostSeconds, status.path("lagSeconds").asDouble());
        }
    }

    private interface Condition {
        boolean holds(JsonNode status);
    }

    private JsonNode await(BootstrapProcess follower, URI health, Condition condition)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        JsonNode status = get(health);
        while (!condition.holds(status)) {
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "The follower did not reach the end of the feed within " + PATIENCE + ": " + status);
            }
            requireAlive(follower, 50);
            status = get(health);
        }
        return status;
    }

    private static URI awaitAddress(BootstrapProcess follower) throws IOException, InterruptedException {
        Matcher address = ADDRESS.matcher(follower.errors());
        while (!address.find()) {
            requireAlive(follower, 50);
            address = ADDRESS.matcher(follower.errors());
        }
        return URI.create(address.group(1));
    }

    private static void requireAlive(BootstrapProcess follower, long millis) throws IOException, InterruptedException {
        if (follower.awaitExit(millis, TimeUnit.MILLISECONDS).isPresent()) {
            throw new IOException("The follower ended: " + follower.errors());
        }
    }

    private JsonNode get(URI health) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(health).timeout(Duration.ofSeconds(30)).build();
        return JSON.readTree(
                http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
}
