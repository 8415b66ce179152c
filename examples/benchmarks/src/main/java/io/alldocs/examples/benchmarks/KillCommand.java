package io.alldocs.examples.benchmarks;

import io.alldocs.cli.ExitCode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Kills bootstraps at random moments, until the requested number was killed. Resumes each job until it ends, and
 * compares the cache with the origin.
 *
 * <p>A round is one job on a new folder. One run in five ends at a random time after its start, possibly during the
 * startup of the JVM. The others end after a random number of further packuments. SIGINT ends one run in four, and
 * {@code kill -9} ends the others.
 */
@Command(
        name = "kill",
        description = "Kills bootstraps at random moments, resumes them, and compares the cache with the origin.")
final class KillCommand implements Callable<Integer> {
    private static final int CONCURRENCY = 8;
    private static final int SIGINT_BEFORE_HANDLERS = 130;

    @Option(names = "--kills", defaultValue = "500", description = "Runs to kill (default: ${DEFAULT-VALUE}).")
    private int kills;

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
            description = "Seed of the random moments (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--work-dir", required = true, description = "Folder in which each round creates a folder.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Random random = new Random(seed);
        int done = 0;
        int failed = 0;
        long repeated = 0;
        for (int round = 1; done < kills; round++) {
            Round result = round(round, random, kills - done);
            out.println(result);
            done += result.kills;
            repeated += result.repeated;
            failed += result.held() ? 0 : 1;
        }
        out.printf("%d runs ended, %d packuments requested again, %d rounds failed%n", done, repeated, failed);
        return failed == 0 ? 0 : 1;
    }

    private record Round(int number, int kills, int interrupts, long repeated, String fault, Comparison comparison) {

        /**
         * Returns whether the round passed. Each killed run may have had {@link #CONCURRENCY} packuments in flight,
         * which are not stored yet.
         */
        boolean held() {
            return fault.isEmpty() && comparison.equal() && repeated <= (long) kills * CONCURRENCY;
        }

        @Override
        public String toString() {
            return String.format(
                    "round %d: %s, %d ended (%d by SIGINT), %d requested again of at most %d, %d names, %d lost, %d"
                            + " wrong, %s%s",
                    number,
                    held() ? "passed" : "FAILED",
                    kills,
                    interrupts,
                    repeated,
                    (long) kills * CONCURRENCY,
                    comparison.names(),
                    comparison.lost(),
                    comparison.wrong(),
                    comparison.invalid() ? "INVALID" : "valid",
                    fault.isEmpty() ? "" : "; " + fault);
        }
    }

    private Round round(int number, Random random, int most) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(workDir.resolve("round-" + number));
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(names).start()) {
            int killed = 0;
            int interrupts = 0;
            String fault = "";
            OptionalInt end = OptionalInt.empty();
            while (end.isEmpty() && killed < most) {
                try (BootstrapProcess run = BootstrapProcess.start(registry.origin(), folder, driver, CONCURRENCY)) {
                    end = awaitMoment(run, registry, random);
                    if (end.isPresent()) {
                        fault = fault(end.getAsInt(), run);
                    } else if (random.nextInt(4) == 0) {
                        int code = run.interrupt();
                        interrupts++;
                        killed++;
                        if (code != ExitCode.PARTIAL && code != ExitCode.COMPLETE && code != SIGINT_BEFORE_HANDLERS) {
                            end = OptionalInt.of(code);
                            fault = fault(code, run);
                        }
                    } else {
                        run.kill();
                        killed++;
                    }
                }
            }
            if (end.isEmpty()) {
                try (BootstrapProcess run = BootstrapProcess.start(registry.origin(), folder, driver, CONCURRENCY)) {
                    fault = fault(run.awaitExit(10, TimeUnit.MINUTES).orElse(-1), run);
                }
            }
            long repeated = registry.requests().count(Endpoint.PACKUMENT)
                    - registry.requests().namesAskedAtLeast(1);
            return new Round(number, killed, interrupts, repeated, fault, Comparison.of(registry, folder, driver));
        }
    }

    private static String fault(int exitCode, BootstrapProcess run) throws IOException {
        return exitCode == ExitCode.COMPLETE ? "" : "a run ended with " + exitCode + ": " + run.errors();
    }

    /** Waits for the moment to kill the run. Returns the exit code if the run exits before that moment. */
    private static OptionalInt awaitMoment(BootstrapProcess run, EmbeddedRegistry registry, Random random)
            throws InterruptedException {
        if (random.nextInt(5) == 0) {
            return run.awaitExit(random.nextInt(1_500), TimeUnit.MILLISECONDS);
        }
        long remaining = registry.names().size() - registry.requests().namesAskedAtLeast(1);
        long target = registry.requests().count(Endpoint.PACKUMENT) + 1 + random.nextInt((int) Math.max(1, remaining));
        OptionalInt end = OptionalInt.empty();
        while (end.isEmpty() && registry.requests().count(Endpoint.PACKUMENT) < target) {
            end = run.awaitExit(1, TimeUnit.MILLISECONDS);
        }
        return end;
    }
}
