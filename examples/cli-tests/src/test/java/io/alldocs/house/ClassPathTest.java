package io.alldocs.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriverProvider;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests which driver a process selects for a class path. Runs separate processes, with the project's artifacts and with
 * an artifact of a user.
 */
@Timeout(120)
class ClassPathTest {
    @TempDir
    private Path folder;

    /**
     * Returns the output of a process that selects a driver, with these artifacts and those of the cache on its class
     * path.
     */
    private String chosen(Map<String, String> environment, List<Path> artifacts) throws Exception {
        List<Path> classPath = new ArrayList<>(artifacts);
        classPath.add(of(ChosenDriver.class.getName()));
        classPath.addAll(librariesOfTheCache());
        ProcessBuilder process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                        ChosenDriver.class.getName())
                .redirectErrorStream(true);
        process.environment().keySet().removeAll(List.of("RUNTIME", "STORAGE_DRIVER"));
        process.environment().putAll(environment);
        process.environment().put("CACHE_DIR", folder.resolve("cache").toString());
        Process running = process.start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(running.waitFor()).as(said).isZero();
        return said;
    }

    /** Returns the cache module and its libraries, without any driver. */
    private static List<Path> librariesOfTheCache() throws Exception {
        List<Path> all = new ArrayList<>(List.of(of(StorageDriverProvider.class.getName()), of(Env.class.getName())));
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(entry -> entry.getFileName().toString().matches("(jackson|caffeine|jspecify)-.*\\.jar"))
                .forEach(all::add);
        return all;
    }

    /** Returns the folder or jar that a class was loaded from. */
    private static Path of(String type) throws Exception {
        return Path.of(Class.forName(type)
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static Path filesystem() throws Exception {
        return of("io.alldocs.storage.filesystem.FilesystemStorageProvider");
    }

    /** Compiles an artifact such as a user would write. */
    private Path artifact(String name, String runtime, String spiVersion) throws IOException {
        Path root = Files.createDirectories(folder.resolve(name));
        Path source = root.resolve("UserProvider.java");
        Files.writeString(source, """
                package com.example.%1$s;
                public class UserProvider implements io.alldocs.cache.spi.StorageDriverProvider {
                    public String name() { return "%1$s"; }
                    public java.util.Set<String> runtimes() { return java.util.Set.of("%2$s"); }
                    public int spiVersion() { return %3$s; }
                    public io.alldocs.cache.spi.StorageDriver create(io.alldocs.Env env) {
                        return new io.alldocs.cache.MemoryStorageDriver();
                    }
                }
                """.formatted(name, runtime, spiVersion));
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        root.toString(),
                        source.toString());
        assertThat(failed).isZero();
        Path services = Files.createDirectories(root.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(StorageDriverProvider.class.getName()), "com.example." + name + ".UserProvider\n");
        return root;
    }

    @Test
    void oneArtifact_isTheDriverOfItsRuntime() throws Exception {
        assertThat(chosen(Map.of(), List.of(filesystem()))).isEqualTo("filesystem");
        assertThat(chosen(Map.of("RUNTIME", "node"), List.of(filesystem()))).isEqualTo("filesystem");
    }

    @Test
    void noArtifact_saysWhatIsThereAndWhatToAdd() throws Exception {
        assertThat(chosen(Map.of("RUNTIME", "cloudrun"), List.of(filesystem())))
                .isEqualTo("IllegalStateException: No storage driver for RUNTIME=cloudrun; found [filesystem, memory]."
                        + " Add io.alldocs:all-docs-storage-gcs.");
        assertThat(chosen(Map.of("STORAGE_DRIVER", "s3"), List.of()))
                .isEqualTo("IllegalStateException: No storage driver for STORAGE_DRIVER=s3; found [memory]."
                        + " Add io.alldocs:all-docs-storage-s3.");
    }

    @Test
    void twoArtifactsForARuntime_areNamed_andOneCanBeChosen() throws Exception {
        List<Path> both = List.of(
                filesystem(), artifact("mine", "jvm", "io.alldocs.cache.spi.StorageDriverProvider.SPI_VERSION"));
        assertThat(chosen(Map.of(), both))
                .startsWith("IllegalStateException: Two storage drivers for RUNTIME=jvm: ")
                .contains("filesystem (io.alldocs.storage.filesystem.FilesystemStorageProvider)")
                .contains("mine (com.example.mine.UserProvider)")
                .contains("Set STORAGE_DRIVER to one of them, or remove one artifact from the class path.");
        assertThat(chosen(Map.of("STORAGE_DRIVER", "filesystem"), both)).isEqualTo("filesystem");
    }

    @Test
    void artifactOfAnotherSpi_isNamedWithBothVersions() throws Exception {
        assertThat(chosen(Map.of("RUNTIME", "mainframe"), List.of(artifact("later", "mainframe", "99"))))
                .isEqualTo("IllegalStateException: The storage driver later (com.example.later.UserProvider) uses"
                        + " version 99 of the SPI, but this library uses version " + StorageDriverProvider.SPI_VERSION
                        + ". Use artifacts of the same release.");
    }

    /** The driver's jar without the vendor's library, as on a class path that was assembled by hand. */
    @Test
    void artifactWithoutItsLibraries_isNamedWithWhatIsMissing() throws Exception {
        assertThat(chosen(
                        Map.of("STORAGE_DRIVER", "sqlite"),
                        List.of(of("io.alldocs.storage.sqlite.SqliteStorageProvider"))))
                .contains("org/sqlite/");
    }
}
