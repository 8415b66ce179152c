package io.alldocs.examples.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.tools.ToolProvider;

/**
 * A copy of one artifact's jar. A build compares its API with this copy as if it were an earlier release.
 *
 * @param folder root of the copy, in repository layout
 * @param jar jar of the artifact
 */
record ApiBaseline(Path folder, Path jar) {

    static ApiBaseline copyOf(Bundle bundle, Path folder, String artifact) throws IOException {
        Path original = bundle.file(artifact, ".jar");
        Path copy = folder.resolve(bundle.folder().relativize(original).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(original, copy);
        return new ApiBaseline(folder, copy);
    }

    /** Adds a public type to the baseline that the build does not have. */
    void plant(String packageName, String type) throws IOException {
        Path classes = Files.createTempDirectory("planted");
        Path source = classes.resolve(type + ".java");
        Files.writeString(
                source, "package " + packageName + "; public class " + type + " { public void planted() {} }");
        int code = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "--release", "17", "-d", classes.toString(), source.toString());
        assertThat(code).isZero();
        String entry = packageName.replace('.', '/') + "/" + type + ".class";
        try (FileSystem files = FileSystems.newFileSystem(jar)) {
            Path target = files.getPath("/" + entry);
            Files.createDirectories(target.getParent());
            Files.copy(classes.resolve(entry), target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
