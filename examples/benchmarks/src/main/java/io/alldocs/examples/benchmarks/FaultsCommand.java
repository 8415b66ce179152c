package io.alldocs.examples.benchmarks;

import io.alldocs.cli.ExitCode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Faults;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Enables and disables the faults of the registry at random while bootstraps run. Then lets each job finish without
 * faults, and compares the cache with the origin.
 *
 * <p>Responses that are valid outcomes (404, 451, another document) are not used as faults. A job records such a
 * response, and the record is correct until the next request.
 */
@Command(
        name = "faults",
        description = "Bootstraps from a registry with random faults, and compares the cache with the origin.")
final class FaultsCommand implements Callable<Integer> {
    private static final int CONCURRENCY = 16;
    private static final int RUNS_IN_PEACE = 3;
    private static final List<String> FAULTS = List.of(
            "429=0.1",
            "429=0.05,429-retry-after=1",
            "500=0.05",
            "503=0.1",
            "reset=0.05",
            "cut=0.05",
            "cut-chunked=0.05",
            "cut-gzip=0.05",
            "latency=20ms",
            "stall=0.01,stall-for=2s",
            "stall-body=0.01,stall-body-for=2s",
            "trickle=0.02,trickle-bytes-per-second=20000",
            "page-cap=50",
            "zero-offset",
            "null-offset",
            "no-304",
            "drift=0.05");

    @Option(names = "--seconds", defaultValue = "3600", description = "Time under faults (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--names", defaultValue = "2000", description = "Names of each job (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(
            names = "--driver",
            defaultValue = "filesystem",
            description = "Storage driver (default: ${DEFAULT-VALUE}).")
    private String driver = "filesystem";

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the random faults (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--work-dir", required = true, description = "Folder in which each round creates a folder.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Random random = new Random(seed);
        long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        int rounds = 0;
        int failed = 0;
        do {
            failed += round(++rounds, random, deadline, out) ? 0 : 1;
        } while (System.nanoTime() < deadline);
        out.printf("%d rounds, %d failed%n", rounds, failed);
        return failed == 0 ? 0 : 1;
    }

    private boolean round(int number, Random random, long deadline, PrintWriter out)
            throws IOException, InterruptedException {
        Path folder = Files.createDirectories(workDir.resolve("round-" + number));
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(names).start()) {
            int changes = torment(registry, folder, random, deadline);
            registry.faults().clear();
            int code = inPeace(registry, folder);
            Comparison comparison = Comparison.of(registry, folder, driver);
            boolean held = code == ExitCode.COMPLETE && comparison.equal();
            out.printf(
                    "round %d: %s, faults changed %d times, answers %s, %d names, %d lost, %d wrong, %s%n",
                    number,
                    held ? "passed" : "FAILED, last exit code " + code,
                    changes,
                    registry.requests().statuses(),
                    comparison.names(),
                    comparison.lost(),
                    comparison.wrong(),
                    comparison.invalid() ? "INVALID" : "valid");
            return held;
        }
    }

    /** Runs one bootstrap under changing faults, and ignores its exit code. Returns how often the faults changed. */
    private int torment(EmbeddedRegistry registry, Path folder, Random random, long deadline)
            throws IOException, InterruptedException {
        try (BootstrapProcess run = BootstrapProcess.start(registry.origin(), folder, driver, CONCURRENCY)) {
            int changes = 0;
            OptionalInt end = OptionalInt.empty();
            while (end.isEmpty() && (changes == 0 || System.nanoTime() < deadline)) {
                registry.faults().clear();
                for (int left = random.nextInt(4) + 1; left > 0; left--) {
                    registry.faults().set(Faults.parse(FAULTS.get(random.nextInt(FAULTS.size()))));
                }
                changes++;
                end = run.awaitExit(100 + random.nextInt(900), TimeUnit.MILLISECONDS);
            }
            registry.faults().clear();
            if (run.awaitExit(5, TimeUnit.MINUTES).isEmpty()) {
                throw new IOException("A bootstrap into " + folder + " did not end after its faults had ended.");
            }
            return changes;
        }
    }

    private int inPeace(EmbeddedRegistry registry, Path folder) throws IOException, InterruptedException {
        int code = -1;
        for (int run = 0; run < RUNS_IN_PEACE && code != ExitCode.COMPLETE; run++) {
            try (BootstrapProcess process = BootstrapProcess.start(registry.origin(), folder, driver, CONCURRENCY)) {
                code = process.awaitExit(10, TimeUnit.MINUTES).orElse(-1);
            }
        }
        return code;
    }
}
