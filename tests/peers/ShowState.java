import J2Ci.jDVInterface;
import dicomscope.DICOMscope;
import java.lang.reflect.Field;
import javax.swing.SwingUtilities;
import main.Controller;
import main.ImageActionEvent;
import main.MainContext;

/** Opens DICOMscope with a presentation state over an image, at 1:1; its own window has dialogues. */
public class ShowState {
  public static void main(String[] files) throws Exception {
    MainContext.instance(); // loads the native library
    DICOMscope scope = new DICOMscope();
    Field field = DICOMscope.class.getDeclaredField("dvi");
    field.setAccessible(true);
    jDVInterface data = (jDVInterface) field.get(scope);
    SwingUtilities.invokeAndWait(
        () -> {
          scope.setVisible(true);
          if (data.loadPState(files[0], files[1]) != 0) {
            System.exit(3);
          }
          int one = 1;
          Controller.instance()
              .fireEvent(
                  new ImageActionEvent(scope, ImageActionEvent.ACTION_SETNEWIMAGE, one, one));
          scope.switchToViewer();
          Controller.instance()
              .fireEvent(new ImageActionEvent(scope, ImageActionEvent.ACTION_ZOOM1TO1));
        });
    Thread.currentThread().join();
  }
}
