package io.alldocs.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks the runnable jars as built. They contain third-party software, so they must include its licences. */
class RunnableJarsIT {
    private static final String CLI = "../cli/target/all-docs.jar";
    private static final String CLOUD_RUN = "../../worker/cloudrun/target/all-docs-worker-cloudrun.jar";
    private static final String BENCHMARKS = "target/all-docs-benchmarks.jar";

    @ParameterizedTest
    @ValueSource(strings = {CLI, CLOUD_RUN, BENCHMARKS})
    void notice_namesThisProject_andWhereTheLicencesAre(String jar) throws IOException {
        assertThat(text(jar, "META-INF/NOTICE").strip().lines().limit(4))
                .containsExactly(
                        "all-docs",
                        "Copyright 2026 the all-docs authors",
                        "",
                        "This product is developed by the all-docs authors (the licences of the libraries inside are in"
                                + " META-INF/LICENSE and META-INF/THIRD-PARTY-LICENSES).");
    }

    @ParameterizedTest
    @ValueSource(strings = {CLI, CLOUD_RUN, BENCHMARKS})
    void licences_coverEveryLibraryInside(String jar) throws IOException {
        String licences = text(jar, "META-INF/THIRD-PARTY-LICENSES");

        assertThat(text(jar, "META-INF/LICENSE")).contains("Apache License", "Version 2.0, January 2004");
        assertThat(licences)
                .contains("Permission is hereby granted, free of charge", "Copyright (c) 2004-2023 QOS.ch")
                .contains("Copyright (c) 2023-Present, Redis Ltd.");
        assertThat(licences.split("[^A-Za-z0-9._-]+", -1))
                .as("artifacts that .ci/THIRD-PARTY-LICENSES names")
                .containsAll(librariesInside(jar));
    }

    /**
     * Returns the third-party artifacts on the class path whose classes are in the jar. Only the artifact's name is
     * compared, because versions differ. Fails if the jar contains a package that no library on the class path has. The
     * licence of such a package would not be checked.
     */
    private static Set<String> librariesInside(String jar) throws IOException {
        Set<String> inside = new TreeSet<>();
        try (JarFile runnable = new JarFile(jar)) {
            Set<String> unexplained = packages(classes(runnable));
            unexplained.removeIf(name -> name.contains("io/alldocs/"));
            for (String each : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path library = Path.of(each);
                if (!each.endsWith(".jar") || library.getFileName().toString().startsWith("all-docs-")) {
                    continue;
                }
                try (JarFile file = new JarFile(each)) {
                    Set<String> classes = classes(file);
                    if (classes.stream().anyMatch(name -> runnable.getEntry(name) != null)) {
                        inside.add(library.getParent().getParent().getFileName().toString());
                    }
                    unexplained.removeAll(packages(classes));
                }
            }
            assertThat(unexplained)
                    .as("packages of unknown libraries in " + jar)
                    .isEmpty();
        }
        assertThat(inside)
                .as("libraries in " + jar)
                .contains("jackson-core", "slf4j-api")
                .hasSizeGreaterThan(20);
        return inside;
    }

    private static Set<String> classes(JarFile jar) {
        return jar.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> packages(Set<String> classes) {
        return classes.stream()
                .map(name -> name.substring(0, name.lastIndexOf('/') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String text(String jar, String name) throws IOException {
        assertThat(Files.exists(Path.of(jar)))
                .as(jar + " is built by mvn package")
                .isTrue();
        try (JarFile file = new JarFile(jar)) {
            ZipEntry entry = file.getEntry(name);
            assertThat(entry).as(name + " in " + jar).isNotNull();
            return new String(file.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
