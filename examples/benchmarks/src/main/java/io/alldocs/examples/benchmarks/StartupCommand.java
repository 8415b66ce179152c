package io.alldocs.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Runs short commands of the examples' jar. Alternates between runs with and without the class data archive (AppCDS)
 * that the build creates.
 */
@Command(
        name = "startup",
        description = "Times short commands of the examples' jar with and without its archive of classes.")
final class StartupCommand implements Callable<Integer> {
    private static final String WITH = "with archive";
    private static final String WITHOUT = "without";

    @Option(
            names = "--jar",
            required = true,
            description = "The examples' jar, where it was built; its archive (.jsa) must be in the same folder.")
    private Path jar = Path.of("");

    @Option(
            names = "--rounds",
            defaultValue = "9",
            description = "Rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Mixin
    private FigureOptions options = new FigureOptions();

    private final Figures figures = new Figures();

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int round = 1; round <= rounds; round++) {
            for (String how : List.of(WITHOUT, WITH)) {
                Path folder = Files.createDirectories(
                        options.workDir().resolve("round-" + round).resolve(how));
                measure(how, "--version, s", folder, List.of("--version"));
                measure(
                        how,
                        "bootstrap of 200, s",
                        folder,
                        List.of(
                                "bootstrap",
                                "--embedded=200",
                                "--port=0",
                                "--quiet",
                                "--cache-dir=" + folder.resolve("cache")));
            }
        }
        for (String figure : List.of("--version, s", "bootstrap of 200, s")) {
            figures.compare(figure, WITHOUT, WITH, 0);
        }
        options.print(figures);
        return 0;
    }

    private void measure(String how, String figure, Path folder, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (how.equals(WITH)) {
            // With -Xshare:on, the JVM exits if it cannot use the archive, instead of running slowly.
            command.add("-Xshare:on");
            command.add("-XX:SharedArchiveFile=" + jar.toString().replaceAll("\\.jar$", ".jsa"));
        }
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(arguments);
        Path out = folder.resolve("out.txt");
        long start = System.nanoTime();
        int code = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code + ": " + Files.readString(out));
        }
        figures.add(figure, how, (System.nanoTime() - start) / 1e9);
    }
}
