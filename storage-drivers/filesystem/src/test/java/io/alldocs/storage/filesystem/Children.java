package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Starts other JVMs with this one's class path. */
final class Children {
    private Children() {}

    static Process start(Class<?> main, String... args) throws IOException {
        return start(command(main, args));
    }

    /** Starts a process under a limit of the shell. */
    static Process limited(String limit, Class<?> main, String... args) throws IOException {
        String quoted = command(main, args).stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        return start(List.of("sh", "-c", limit + "; exec " + quoted));
    }

    /**
     * Redirects the output to a file, because a pipe may buffer as little as a page. The file may be read after the
     * child has ended.
     */
    static Process startInto(Path output, Class<?> main, String... args) throws IOException {
        return builder(command(main, args)).redirectOutput(output.toFile()).start();
    }

    private static Process start(List<String> command) throws IOException {
        return builder(command).start();
    }

    private static ProcessBuilder builder(List<String> command) {
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /** Returns a command that starts quickly, because the children live only briefly. */
    private static List<String> command(Class<?> main, String... args) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(
                java,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Xshare:auto",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(Arrays.asList(args));
        return command;
    }

    /** Returns everything that the process prints until it ends. */
    static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).replace("\r", "");
    }
}
