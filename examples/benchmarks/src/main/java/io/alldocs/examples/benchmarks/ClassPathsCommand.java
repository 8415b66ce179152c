package io.alldocs.examples.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Prints the size of each runtime's class path as a Markdown table. The table shows the size of this project's own jars
 * and the size of all jars. For comparison, it shows the bundle size that the JavaScript project documents for the
 * runtime. Reads the class path files that Maven wrote to the {@code target} folder of each module.
 */
@Command(
        name = "class-paths",
        description = {
            "Prints the sizes of the runtimes' class paths. First let Maven write them:",
            "mvn -q -DskipTests package dependency:build-classpath -DincludeScope=runtime"
                    + " -Dmdep.outputFile=target/class-path.txt -pl " + ClassPathsCommand.MODULES + " -am"
        })
final class ClassPathsCommand implements Callable<Integer> {
    static final String MODULES =
            "storage-drivers/filesystem,worker/core,worker/cloudflare,worker/fastly,worker/cloudrun,worker/redis";

    /** Bundle sizes in KB, as on the JavaScript project's page about its runtimes. */
    private static final List<Row> ROWS = List.of(
            new Row("jvm", List.of("worker/core", "storage-drivers/filesystem"), "Node.js, about 150"),
            new Row(
                    "jvm, queue on Redis",
                    List.of("worker/core", "storage-drivers/filesystem", "worker/redis"),
                    "Node.js, about 150"),
            new Row("cloudflare", List.of("worker/cloudflare"), "30-40"),
            new Row("fastly", List.of("worker/fastly"), "35-45"),
            new Row("cloudrun", List.of("worker/cloudrun"), "about 150"));

    /** @param documented size of the JavaScript bundle, in KB */
    private record Row(String name, List<String> modules, String documented) {}

    @Option(
            names = "--repository",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Root of this project's clone (default: ${DEFAULT-VALUE}).")
    private Path repository = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println("| runtime | own classes, KB | whole class path, KB | jars | documented bundle, KB |");
        out.println("|---|---|---|---|---|");
        for (Row row : ROWS) {
            Set<Path> jars = new TreeSet<>();
            for (String module : row.modules()) {
                jars.addAll(jars(repository.resolve(module).resolve("target")));
            }
            out.printf(
                    Locale.ROOT,
                    "| %s | %,d | %,d | %d | %s |%n",
                    row.name(),
                    kilobytes(jars.stream().filter(ClassPathsCommand::isOwn).toList()),
                    kilobytes(List.copyOf(jars)),
                    jars.size(),
                    row.documented());
        }
        return 0;
    }

    /** Returns a module's own jar and the jars it depends on. */
    private static List<Path> jars(Path target) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (Stream<Path> files = Files.list(target)) {
            files.filter(file -> isOwn(file) && !file.toString().matches(".*-(sources|javadoc|tests)\\.jar"))
                    .forEach(jars::add);
        }
        for (String each :
                Files.readString(target.resolve("class-path.txt")).strip().split(File.pathSeparator, -1)) {
            if (!each.isEmpty()) {
                jars.add(Path.of(each));
            }
        }
        return jars.stream().map(jar -> jar.toAbsolutePath().normalize()).toList();
    }

    /**
     * Returns whether the name ends in a version. The name of a runnable jar, which contains all libraries, has no
     * version.
     */
    private static boolean isOwn(Path jar) {
        return jar.getFileName().toString().matches("all-docs-[a-z0-9-]+-\\d.*\\.jar");
    }

    private static long kilobytes(List<Path> jars) throws IOException {
        long bytes = 0;
        for (Path jar : jars) {
            bytes += Files.size(jar);
        }
        return Math.round(bytes / 1e3);
    }
}
