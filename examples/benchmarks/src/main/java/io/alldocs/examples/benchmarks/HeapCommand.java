package io.alldocs.examples.benchmarks;

import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.EmbeddedRegistryBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Fetches packuments in a process with a small heap: many normal packuments, or a few giant packuments at the same
 * time. Prints the live heap periodically as lines of JSON.
 */
@Command(
        name = "heap",
        description = "Fetches packuments in a process with a small heap, and prints its live heap at intervals.")
final class HeapCommand implements Callable<Integer> {
    @Option(names = "--names", defaultValue = "200000", description = "Packuments (default: ${DEFAULT-VALUE}).")
    private int names;

    @Option(
            names = "--giants",
            defaultValue = "0",
            description = "Fetch this number of packuments of --giant-bytes at the same time instead.")
    private int giants;

    @Option(
            names = "--giant-bytes",
            defaultValue = "43000000",
            description = "Size of a giant, before compression (default: ${DEFAULT-VALUE}).")
    private int giantBytes;

    @Option(names = "--every", defaultValue = "20000", description = "Packuments (default: ${DEFAULT-VALUE}).")
    private int every;

    @Option(names = "--xmx", defaultValue = "128m", description = "Heap of the process (default: ${DEFAULT-VALUE}).")
    private String xmx = "128m";

    @Option(
            names = "--driver",
            defaultValue = "filesystem",
            description = "Storage driver (default: ${DEFAULT-VALUE}).")
    private String driver = "filesystem";

    @Option(names = "--work-dir", required = true, description = "A new folder for all files; it is not deleted.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(workDir).toAbsolutePath();
        try (EmbeddedRegistry registry = registry()) {
            Path namesFile = Files.write(folder.resolve("names.txt"), registry.names());
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx" + xmx,
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            "fetch",
                            "--registry=" + registry.origin(),
                            "--names=" + namesFile,
                            "--driver=" + driver,
                            "--work-dir=" + folder,
                            "--concurrency=" + Math.max(32, giants),
                            "--heap-every=" + (giants > 0 ? 1 : every))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            PrintWriter out = spec.commandLine().getOut();
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                lines.lines().forEach(out::println);
            }
            return process.waitFor();
        }
    }

    private EmbeddedRegistry registry() {
        EmbeddedRegistryBuilder builder = EmbeddedRegistry.builder().mixedStates(false);
        if (giants == 0) {
            return builder.names(names).start();
        }
        List<String> all = new ArrayList<>();
        IntStream.range(0, giants).forEach(index -> all.add("giant-" + index));
        builder.names(all);
        all.forEach(name -> builder.giant(name, giantBytes));
        return builder.start();
    }
}
