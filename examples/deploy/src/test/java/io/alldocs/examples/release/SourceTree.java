package io.alldocs.examples.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A copy of the source tree that Maven builds.
 *
 * @param root root folder of the copy
 */
record SourceTree(Path root) {
    private static final Set<String> LEFT_OUT = Set.of("target", "node_modules", ".git", "all-docs-cache");
    private static final long PATIENCE_MINUTES = 30;

    /** @param output output of Maven */
    record Build(int exitCode, String output) {
        Build succeeds() {
            assertThat(exitCode).as(tail()).isZero();
            return this;
        }

        String tail() {
            return output.substring(Math.max(0, output.length() - 6_000));
        }
    }

    /** Returns the tree that contains this test. */
    static SourceTree original() {
        return new SourceTree(Path.of("").toAbsolutePath().resolve("../..").normalize());
    }

    /** Copies the tree without build output, downloaded Node modules, caches and the folder {@code .git}. */
    SourceTree copyTo(Path target) throws IOException {
        Path source = root;
        Files.walkFileTree(source, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (LEFT_OUT.contains(folder.getFileName().toString())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(target.resolve(source.relativize(folder)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, target.resolve(source.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }
        });
        return new SourceTree(target);
    }

    String version() throws IOException {
        Matcher version = Pattern.compile("\n  <version>([^<]+)</version>")
                .matcher(Files.readString(root.resolve("bom/pom.xml")));
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    /** Returns the version of a plugin in the poms. */
    String pluginVersion(String artifact) throws IOException {
        Matcher version = Pattern.compile("<artifactId>" + artifact + "</artifactId>\\s*<version>([^<$]+)</version>")
                .matcher(Files.readString(root.resolve("pom.xml")));
        assertThat(version.find()).as(artifact).isTrue();
        return version.group(1);
    }

    /**
     * Returns the examples that are not published and that no other module references. A release does not need to build
     * them.
     */
    List<String> leaves() throws IOException {
        List<String> leaves = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root.resolve("examples"))) {
            for (Path module : modules.sorted().toList()) {
                Path pom = module.resolve("pom.xml");
                if (Files.exists(pom) && !isPublished(module) && !isNamed(module)) {
                    leaves.add("!examples/" + module.getFileName());
                }
            }
        }
        return leaves;
    }

    private static boolean isPublished(Path module) throws IOException {
        return Files.exists(module.resolve("src/main/java"))
                && !Files.readString(module.resolve("pom.xml")).contains("<maven.deploy.skip>true<");
    }

    private boolean isNamed(Path module) throws IOException {
        String pom = Files.readString(module.resolve("pom.xml"));
        String name = Pattern.compile("</parent>\\s*(<artifactId>[^<]+</artifactId>)")
                .matcher(pom)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        try (Stream<Path> poms = Files.find(root, 4, (file, what) -> file.endsWith("pom.xml"))) {
            for (Path other : poms.toList()) {
                if (!other.startsWith(module) && Files.readString(other).contains(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    Build run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        File log = File.createTempFile("build", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(root.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log);
        builder.environment().putAll(environment);
        builder.environment().remove("JDK_JAVA_OPTIONS");
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        Build build = new Build(process.waitFor(), Files.readString(log.toPath()));
        Files.delete(log.toPath());
        return build;
    }

    /** Runs Maven with the artifacts that are available to this test's build. */
    Build maven(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("mvn", "--batch-mode", "-T1", "-Dmaven.repo.local=" + localRepository()));
        command.addAll(List.of(arguments));
        command.addAll(
                List.of("-Dmaven.test.skip=true", "-Dmaven.install.skip=true", "-DskipLint", "-Dspotless.check.skip"));
        return run(environment, command.toArray(String[]::new));
    }

    /** Returns the local repository of the Maven that runs this test, which Surefire passes to the test. */
    static Path localRepository() {
        return Path.of(System.getProperty("localRepository"));
    }
}
