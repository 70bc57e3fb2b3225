import java.nio.file.Path;
import java.util.Map;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/**
 * Runs a Neo4j Community server with the settings in {@code HOME/neo4j.conf}: {@code java -cp 'lib/*' Neo4jLauncher.java HOME}.
 *
 * <p>The server's own start class is not published as a library; the engine and its Bolt connector are. The password of the
 * user {@code neo4j} comes from the environment, so that it never shows in a list of processes.
 */
public final class Neo4jLauncher {
    private static final String PASSWORD = "ZHIXI_NEO4J_PASSWORD";

    private Neo4jLauncher() {}

    public static void main(String[] arguments) {
        var home = Path.of(arguments[0]);
        var password = System.getenv(PASSWORD);
        if (password == null || password.length() < 8) {
            throw new IllegalArgumentException(PASSWORD + " must hold at least 8 characters");
        }

        var server = new DatabaseManagementServiceBuilder(home)
                .loadPropertiesFromFile(home.resolve("neo4j.conf"))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));

        server.database("system").executeTransactionally(
                "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED", Map.of("password", password));
        System.out.println("ready");
    }
}
