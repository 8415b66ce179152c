package io.alldocs.cli.network;

import io.alldocs.cli.Main;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/**
 * Helpers for the network tests: the certificates of a company, commands without this machine's environment, and inputs
 * of test cases.
 */
final class Network {
    private static final HeldCertificate AUTHORITY = new HeldCertificate.Builder()
            .certificateAuthority(0)
            .commonName("Example Root")
            .build();

    private Network() {}

    /** The output and the exit code of a command. */
    record Ran(int exitCode, String out, String err) {
        String all() {
            return out + err;
        }
    }

    /**
     * Returns the TLS context of a server named {@link CompanyProxy#HOST}, with a certificate of the company's
     * authority.
     */
    static SSLContext server() {
        return new HandshakeCertificates.Builder()
                .heldCertificate(
                        new HeldCertificate.Builder()
                                .signedBy(AUTHORITY)
                                .addSubjectAlternativeName(CompanyProxy.HOST)
                                .addSubjectAlternativeName("127.0.0.1")
                                .build(),
                        AUTHORITY.certificate())
                .build()
                .sslContext();
    }

    /** Writes the certificate of the company's authority to {@code folder} and returns its path. */
    static Path authority(Path folder) throws IOException {
        return Files.writeString(folder.resolve("ca.pem"), AUTHORITY.certificatePem());
    }

    /** Runs a command in this process, with no other variables. */
    static Ran run(Map<String, String> variables, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(variables, new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Ran(exitCode, out.toString(), err.toString());
    }

    /** Runs a command in a separate process in {@code folder}, with no other variables and an empty home folder. */
    static Ran start(Path folder, Map<String, String> variables, List<String> jvm, String... args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(jvm);
        command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path")), Main.class.getName()));
        command.addAll(List.of(args));
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> !name.equalsIgnoreCase("SystemRoot"));
        builder.environment().put("HOME", folder.resolve("home").toString());
        builder.environment().put("USERPROFILE", folder.resolve("home").toString());
        builder.environment().putAll(variables);
        Process process = builder.start();
        try {
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                throw new IOException("did not end: " + Files.readString(err));
            }
            return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    private static String absolute(String classPath) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(java.io.File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(java.io.File.pathSeparator, entries);
    }

    /** Returns an input of a case, byte for byte. */
    static String input(String file) {
        try (InputStream in =
                Objects.requireNonNull(Network.class.getResourceAsStream("/io/alldocs/cli/cases/" + file))) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the rows of a table without its header, split at tabs. */
    static List<List<String>> table(String file) {
        return input(file)
                .lines()
                .skip(1)
                .filter(line -> !line.isBlank())
                .map(line -> List.of(line.split("\t", -1)))
                .toList();
    }
}
