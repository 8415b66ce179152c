package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.examples.benchmarks.Contender.Job;
import io.alldocs.examples.benchmarks.Contender.Run;
import io.alldocs.http.HttpTransports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Compares the SDK with other programs on the same origin, and prints the medians. In each round, the programs run one
 * after another.
 *
 * <p>"Cold" is a whole process that fetches once. "Steady" is the last of {@code --passes} passes of one process, each
 * into a new folder. For curl, the whole process is measured, because curl has nothing to warm up. The read benchmarks
 * read all entries that the last pass fetched. The SDK reads with as many threads as processors. Node reads with as
 * many concurrent reads as requests. "Raw" reads verify the digest, and "decoded" reads also inflate the body.
 * make-fetch-happen stores inflated bodies.
 */
@Command(
        name = "compare",
        description = "Fetches packuments with the SDK, make-fetch-happen and curl in one run, and prints ratios.")
final class CompareCommand implements Callable<Integer> {
    private static final String COLD = "cold, packuments/s";
    private static final String STEADY = "steady, packuments/s";
    private static final String COLD_CPU = "cold, CPU us/packument";
    private static final String STEADY_CPU = "steady, CPU us/packument";
    private static final String RAW = "warm read, raw, entries/s";
    private static final String DECODED = "warm read, decoded, entries/s";
    private static final String STORED = "bytes stored / received";
    private static final String NPM = "make-fetch-happen";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder of real packuments (*.json.gz), served by nginx. Default: made-up ones, served by the"
                    + " embedded registry in this process.")
    private @Nullable Path data;

    @Option(names = "--names", defaultValue = "10438", description = "Packuments (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(
            names = "--concurrency",
            defaultValue = "32",
            description = "Parallel requests, for all (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--passes",
            defaultValue = "4",
            description = "Passes of a steady process (default: ${DEFAULT-VALUE}).")
    private int passes;

    @Option(
            names = "--drivers",
            split = ",",
            defaultValue = "filesystem,sqlite",
            description = "Storage drivers of the SDK (default: ${DEFAULT-VALUE}).")
    private List<String> drivers = List.of();

    @Option(
            names = "--transports",
            split = ",",
            defaultValue = "jdk",
            description = "HTTP transports of the SDK: jdk, okhttp (default: ${DEFAULT-VALUE}).")
    private List<String> transports = List.of();

    @Option(
            names = "--node-modules",
            paramLabel = "DIR",
            description = "Folder where `npm install make-fetch-happen cacache` was run; without it they are left out.")
    private @Nullable Path nodeModules;

    @Option(names = "--curl", description = "Measure curl --parallel as well.")
    private boolean curl;

    @Mixin
    private FigureOptions options = new FigureOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(options.workDir()).toAbsolutePath();
        Figures figures = new Figures();
        try (PackumentOrigin origin =
                data == null ? PackumentOrigin.embedded(names) : PackumentOrigin.nginx(data, names, folder)) {
            Path namesFile = Files.write(folder.resolve("names.txt"), origin.names());
            Job job = new Job(origin, namesFile, concurrency);
            for (int round = 1; round <= rounds; round++) {
                for (Contender contender : contenders(round)) {
                    cold(job, contender, newFolder(folder, "cold-" + round, contender), figures);
                }
                for (Contender contender : contenders(round)) {
                    steady(job, contender, newFolder(folder, "steady-" + round, contender), figures);
                }
                progress(round);
            }
        }
        ratios(figures);
        options.print(figures);
        return 0;
    }

    /** Returns the contenders in order, and in reverse order every other round. */
    private List<Contender> contenders(int round) {
        List<Contender> all = new ArrayList<>();
        drivers.forEach(driver -> transports.forEach(transport -> all.add(Contender.sdk(driver, transport))));
        if (nodeModules != null) {
            all.add(Contender.makeFetchHappen(nodeModules));
        }
        if (curl) {
            all.add(Contender.curl());
        }
        if (round % 2 == 0) {
            Collections.reverse(all);
        }
        return all;
    }

    private static Path newFolder(Path folder, String name, Contender contender) throws IOException {
        return Files.createDirectories(folder.resolve(name).resolve(contender.name()));
    }

    private void cold(Job job, Contender contender, Path folder, Figures figures)
            throws IOException, InterruptedException {
        Run run = contender.run(job, folder, 1, 0);
        figures.add(COLD, contender.name(), names / run.seconds());
        if (!contender.hasPasses()) {
            figures.add(STEADY, contender.name(), names / run.seconds());
        }
        cpu(COLD_CPU, contender, run, figures);
        run.last("fetch")
                .filter(line -> line.has("storedBytes"))
                .ifPresent(line -> job.origin()
                        .sentBytes()
                        .ifPresent(sent -> figures.add(
                                STORED,
                                contender.name(),
                                line.path("storedBytes").asDouble() / sent)));
    }

    private void steady(Job job, Contender contender, Path folder, Figures figures)
            throws IOException, InterruptedException {
        if (!contender.hasPasses()) {
            return;
        }
        Run run = contender.run(job, folder, passes, passes);
        run.last("fetch").ifPresent(line -> figures.add(STEADY, contender.name(), rate(line)));
        cpu(STEADY_CPU, contender, run, figures);
        run.last("raw").ifPresent(line -> figures.add(RAW, contender.name(), rate(line)));
        run.last("decoded").ifPresent(line -> {
            figures.add(DECODED, contender.name(), rate(line));
            if (contender.name().equals(NPM)) {
                figures.add(RAW, contender.name(), rate(line)); // it stores no other form
            }
        });
        run.last("cacache").ifPresent(line -> figures.add(DECODED, "cacache", rate(line)));
    }

    /** Adds the CPU time of the process that fetches, without the origin. Cold runs include the startup. */
    private static void cpu(String what, Contender contender, Run run, Figures figures) {
        run.last("fetch")
                .filter(line -> line.has("cpuSeconds"))
                .ifPresent(line -> figures.add(
                        what,
                        contender.name(),
                        1e6
                                * line.path("cpuSeconds").asDouble()
                                / line.path("packuments").asDouble()));
    }

    private static double rate(JsonNode line) {
        return line.path("packuments").asDouble() / line.path("seconds").asDouble();
    }

    private void progress(int round) {
        options.roundEnded(round, rounds);
    }

    /** Adds the ratios. The targets apply to the filesystem driver on two cores, which also run the origin. */
    private void ratios(Figures figures) {
        for (String driver : drivers) {
            boolean wishes = driver.equals("filesystem");
            figures.compare(COLD, driver, NPM, wishes ? 6 : 0);
            figures.compare(STEADY, driver, NPM, wishes ? 12 : 0);
            figures.compare(STEADY, driver, "curl", wishes ? 0.35 : 0);
            figures.compare(RAW, driver, NPM, wishes ? 60 : 0);
            figures.compare(DECODED, driver, NPM, wishes ? 20 : 0);
            figures.compare(DECODED, driver, "cacache", 0);
            for (String transport : transports) {
                if (!transport.equals(HttpTransports.JDK)) {
                    figures.compare(COLD_CPU, driver + "-" + transport, driver, 0);
                    figures.compare(STEADY_CPU, driver + "-" + transport, driver, 0);
                }
            }
        }
    }
}
