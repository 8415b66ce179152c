package io.alldocs.examples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.examples.deploy.Dockerfile.Instruction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder that replaces an image. It contains this machine's JVM, bash and a few tools with their libraries, and the
 * result of the Dockerfile's instructions. Programs run as the user of the image, with the folder as their root and
 * only the environment of the image. Requires Linux, and root for chroot.
 */
final class RootTree {
    private static final String JAVA_HOME = "/opt/java/openjdk";
    private static final List<String> TOOLS = List.of("bash", "env", "install", "rm");
    private static final long PATIENCE_SECONDS = 120;

    private final Path root;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private String user = "0:0";
    private String folder = "/";

    private RootTree(Path root) {
        this.root = root;
    }

    /** Prepares the content of the Dockerfile's base image, and executes the instructions of one image. */
    static RootTree prepare(Path root, Dockerfile dockerfile, String stage) throws Exception {
        assertThat(root.getFileSystem().supportedFileAttributeViews())
                .as("files have owners")
                .contains("unix");
        assertThat(Files.getAttribute(root, "unix:uid"))
                .as("The test changes the root folder of processes. Run it as root.")
                .isEqualTo(0);
        RootTree tree = new RootTree(root);
        tree.installBase();
        for (Instruction instruction : dockerfile.instructions(stage)) {
            tree.carryOut(instruction);
        }
        return tree;
    }

    private void installBase() throws Exception {
        for (String each : List.of("app", "bin", "dev", "etc", "proc", "tmp", "usr/bin", JAVA_HOME.substring(1))) {
            Files.createDirectories(root.resolve(each));
        }
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(root.resolve("etc/hosts"), "127.0.0.1 localhost\n");
        for (String device : List.of("null 1 3", "random 1 8", "urandom 1 9")) {
            String[] words = device.split(" ", 3);
            output("mknod", "-m", "666", root.resolve("dev/" + words[0]).toString(), "c", words[1], words[2]);
        }
        Path home = Path.of(System.getProperty("java.home")).toRealPath();
        for (String part : List.of("bin", "conf", "lib")) {
            copyTree(home.resolve(part), root.resolve(JAVA_HOME.substring(1)).resolve(part));
        }
        Set<String> needed = new LinkedHashSet<>();
        for (String tool : TOOLS) {
            Path source = Path.of(output("bash", "-c", "type -P " + tool).strip());
            Files.copy(source, root.resolve("usr/bin").resolve(tool));
            needed.add(source.toString());
        }
        Files.copy(root.resolve("usr/bin/bash"), root.resolve("bin/bash"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(root.resolve("usr/bin/bash"), root.resolve("bin/sh"), StandardCopyOption.COPY_ATTRIBUTES);
        needed.add(home.resolve("bin/java").toString());
        try (Stream<Path> libraries = Files.walk(home.resolve("lib"))) {
            libraries.map(Path::toString).filter(file -> file.endsWith(".so")).forEach(needed::add);
        }
        copyLibraries(needed, home);
        environment.put("PATH", JAVA_HOME + "/bin:/usr/bin:/bin");
        environment.put("JAVA_HOME", JAVA_HOME);
    }

    /** Copies a tree and follows links. Skips broken links, such as the link to sources that are not installed. */
    private static void copyTree(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else if (Files.exists(file) && !file.endsWith("src.zip")) {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private void copyLibraries(Set<String> programs, Path home) throws Exception {
        List<String> command = new ArrayList<>(List.of("ldd"));
        command.addAll(programs);
        List<String> libraries = Pattern.compile("(?m)(?:=> |^\\s+)(/[^ ]+) \\(0x")
                .matcher(output(command.toArray(String[]::new)))
                .results()
                .map(match -> match.group(1))
                .distinct()
                .filter(file -> !file.startsWith(home.toString()))
                .toList();
        assertThat(libraries).anyMatch(file -> file.contains("libc.so"));
        for (String library : libraries) {
            copyLibrary(Path.of(library));
            if (library.endsWith("/libc.so.6")) {
                // Other parts of the C library, which native code in jars needs.
                for (String part :
                        List.of("libdl.so.2", "libm.so.6", "libpthread.so.0", "libresolv.so.2", "librt.so.1")) {
                    copyLibrary(Path.of(library).resolveSibling(part));
                }
            }
        }
    }

    private void copyLibrary(Path library) throws IOException {
        Path target = root.resolve(library.toString().substring(1));
        Files.createDirectories(target.getParent());
        if (!Files.exists(target)) {
            Files.copy(library.toRealPath(), target);
        }
    }

    private void carryOut(Instruction instruction) throws Exception {
        String arguments = instruction.arguments();
        switch (instruction.name()) {
            case "WORKDIR" -> {
                folder = arguments;
                Files.createDirectories(root.resolve(folder.substring(1)));
            }
            case "USER" -> user = arguments;
            case "ENV" -> environment.put(arguments.split("=", 2)[0], arguments.split("=", 2)[1]);
            case "COPY" -> copy(arguments);
            case "RUN" -> {
                Process process = start("/bin/sh", "-c", arguments);
                assertThat(exitCode(process))
                        .as("RUN %s: %s", arguments, read(process))
                        .isZero();
            }
            case "CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "VOLUME" -> {}
            default -> throw new IllegalArgumentException("The test does not know " + instruction);
        }
    }

    private void copy(String arguments) throws IOException {
        String[] words = arguments.replaceFirst("^--chmod=[0-7]+ ", "").split(" ", 2);
        Path source = Repository.ROOT.resolve(words[0]);
        assertThat(source)
                .as("Build it first: mvn -Dmaven.test.skip=true package")
                .exists();
        Path target = root.resolve(words[1].substring(1));
        Files.copy(source, target);
        Files.setPosixFilePermissions(
                target,
                PosixFilePermissions.fromString(arguments.startsWith("--chmod=755 ") ? "rwxr-xr-x" : "rw-r--r--"));
    }

    /** Sets a variable, as {@code docker run --env} does. */
    void setEnvironment(String name, String value) {
        environment.put(name, value);
    }

    /** Starts a program with the folder as root, as the user of the image. */
    Process start(String... command) throws IOException {
        // The JVM finds its own files through /proc. The mount is visible to this process and its children only, so no
        // cleanup is needed.
        List<String> all = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "bash",
                "-c",
                "mount --bind /proc \"$0/proc\" && exec chroot --userspec=\"$1\" \"$0\" /usr/bin/env -i -C \"${@:2}\"",
                root.toString(),
                user,
                folder));
        environment.forEach((name, value) -> all.add(name + "=" + value));
        all.addAll(List.of(command));
        return new ProcessBuilder(all).redirectErrorStream(true).start();
    }

    /** Starts the entry point with arguments. */
    Process startEntryPoint(Dockerfile dockerfile, String stage, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(words(dockerfile.last(stage, "ENTRYPOINT")));
        command.addAll(arguments);
        return start(command.toArray(String[]::new));
    }

    /** Returns the exit code of a program that ends by itself. */
    static int exitCode(Process process) throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("did not end within " + PATIENCE_SECONDS + " s");
        }
        return process.exitValue();
    }

    /** Returns the output of a program that has ended. */
    static String read(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    static List<String> words(String json) throws IOException {
        return List.of(new ObjectMapper().readValue(json, String[].class));
    }

    /** Returns the paths that a user owns. */
    List<String> ownedBy(int uid) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<String> owned = new ArrayList<>();
            for (Path file : (Iterable<Path>) files::iterator) {
                if (Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(uid)) {
                    owned.add("/" + root.relativize(file));
                }
            }
            return owned;
        }
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = read(process);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }
}
