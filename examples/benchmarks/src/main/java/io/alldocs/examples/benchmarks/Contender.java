package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.http.HttpTransports;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A program that fetches every packument of an origin into a new folder, in a separate process. */
abstract class Contender {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param origin the origin to fetch from
     * @param namesFile file with the origin's names, one per line
     */
    record Job(PackumentOrigin origin, Path namesFile, int concurrency) {}

    /**
     * @param seconds duration of the whole process
     * @param lines the lines of JSON it printed
     */
    record Run(double seconds, List<JsonNode> lines) {

        /** Returns the last line of a kind. */
        Optional<JsonNode> last(String kind) {
            return lines.stream()
                    .filter(line -> line.path("kind").asText().equals(kind))
                    .reduce((first, second) -> second);
        }
    }

    private final String name;

    private Contender(String name) {
        this.name = name;
    }

    final String name() {
        return name;
    }

    /** Returns whether one process can make several passes. */
    boolean hasPasses() {
        return true;
    }

    /** Runs the program and checks that every packument was fetched. */
    abstract Run run(Job job, Path folder, int passes, int reads) throws IOException, InterruptedException;

    /** @param transport part of the contender's name unless it is the default */
    static Contender sdk(String driver, String transport) {
        return new Contender(transport.equals(HttpTransports.JDK) ? driver : driver + "-" + transport) {
            @Override
            Run run(Job job, Path folder, int passes, int reads) throws IOException, InterruptedException {
                List<String> command = sdkCommand(job, driver, transport, folder, passes, reads);
                return checked(job, start(name(), folder, Map.of(), command));
            }
        };
    }

    /** Returns the command line of {@link FetchCommand}. */
    private static List<String> sdkCommand(
            Job job, String driver, String transport, Path folder, int passes, int reads) {
        return command(
                "fetch",
                "--registry=" + job.origin().address(),
                "--names=" + job.namesFile(),
                "--driver=" + driver,
                "--transport=" + transport,
                "--work-dir=" + folder,
                "--concurrency=" + job.concurrency(),
                "--passes=" + passes,
                "--reads=" + reads);
    }

    /**
     * Returns the command line that runs a command of this class path in a separate process, with the JVM's defaults.
     */
    static List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words));
        return command;
    }

    /** @param modules folder that contains {@code node_modules} with make-fetch-happen and cacache */
    static Contender makeFetchHappen(Path modules) {
        return new Contender("make-fetch-happen") {
            @Override
            Run run(Job job, Path folder, int passes, int reads) throws IOException, InterruptedException {
                Path script = folder.resolve("make-fetch-happen.cjs");
                try (InputStream in = Contender.class.getResourceAsStream("make-fetch-happen.cjs")) {
                    Files.copy(in, script);
                }
                List<String> command = List.of(
                        "node",
                        script.toString(),
                        job.origin().address().toString(),
                        job.namesFile().toString(),
                        folder.toString(),
                        Integer.toString(job.concurrency()),
                        Integer.toString(passes),
                        Integer.toString(reads));
                String path = modules.resolve("node_modules").toAbsolutePath().toString();
                return checked(job, start(name(), folder, Map.of("NODE_PATH", path), command));
            }
        };
    }

    /**
     * Fetches with curl into one file per packument. The bodies are stored as received, neither inflated nor verified.
     */
    static Contender curl() {
        return new Contender("curl") {
            @Override
            boolean hasPasses() {
                return false;
            }

            @Override
            Run run(Job job, Path folder, int passes, int reads) throws IOException, InterruptedException {
                Path config = folder.resolve("curl.txt");
                Path bodies = folder.resolve("bodies");
                List<String> lines = new ArrayList<>();
                int number = 0;
                for (String packument : job.origin().names()) {
                    lines.add("url = \"" + job.origin().address() + "/" + packument.replace("/", "%2f") + "\"");
                    lines.add("output = \"" + bodies.resolve(Integer.toString(number++)) + "\"");
                }
                Files.createDirectory(bodies);
                Files.write(config, lines);
                List<String> command = List.of(
                        "curl",
                        "--silent",
                        "--parallel",
                        "--parallel-max",
                        Integer.toString(job.concurrency()),
                        "--header",
                        "Accept-Encoding: gzip",
                        "--config",
                        config.toString());
                Run run = start(name(), folder, Map.of(), command);
                try (Stream<Path> files = Files.list(bodies)) {
                    requireAll(job, files.count());
                }
                return run;
            }
        };
    }

    /**
     * Runs a process that prints lines of JSON.
     *
     * @param folder folder of the file that receives its standard error
     */
    static Run start(String name, Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path errors = folder.resolve("errors.txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        long start = System.nanoTime();
        Process process = builder.start();
        List<JsonNode> lines = new ArrayList<>();
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(JSON.readTree(line));
            }
        }
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(name + " ended with " + code + ": " + Files.readString(errors));
        }
        return new Run((System.nanoTime() - start) / 1e9, lines);
    }

    final Run checked(Job job, Run run) throws IOException {
        for (JsonNode line : run.lines()) {
            requireAll(job, line.path("packuments").asLong());
        }
        return run;
    }

    final void requireAll(Job job, long packuments) throws IOException {
        if (packuments != job.origin().names().size()) {
            throw new IOException(name + " has " + packuments + " packuments of "
                    + job.origin().names().size());
        }
    }
}
